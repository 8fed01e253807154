// Every running statement holds a thread of libuv's pool; its size is read once, before the first use.
process.env['UV_THREADPOOL_SIZE'] ??= '16'

import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '8123' },
    data: { type: 'string' },
    password: { type: 'string', default: '' },
  },
})
if (values.data === undefined) {
  process.stderr.write('usage: main.ts --data DIR [--port 8123] [--password PASSWORD]\n')
  process.exit(2)
}

const { startClickHouseStandIn } = await import('./start-clickhouse-stand-in.ts')
const standIn = await startClickHouseStandIn({
  folder: values.data,
  port: Number(values.port),
  password: values.password,
}).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
})
process.stdout.write(`chDB stand-in for ClickHouse ready at ${standIn.url}\n`)

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    void standIn[Symbol.asyncDispose]().then(() => process.exit(0))
  })
}
