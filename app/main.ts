#!/usr/bin/env node
// Before anything else is imported: each running SQL statement holds a thread of this pool.
process.env['UV_THREADPOOL_SIZE'] ??= '16'

const { enableCompileCache } = await import('node:module')
enableCompileCache()
const { runCommandLine } = await import('./command-line.ts')
await runCommandLine(process.argv)
