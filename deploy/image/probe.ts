/** `node deploy/image/probe.ts URL` exits 0 when the URL answers 2xx within 3 s: a health check without curl. */
const [url = ''] = process.argv.slice(2)
const answer = await fetch(url, { signal: AbortSignal.timeout(3_000) }).catch(() => undefined)
process.exitCode = answer?.ok === true ? 0 : 1
