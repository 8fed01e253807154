/** `node deploy/image/probe.ts /readyz` exits 0 when this container's Freshet answers the path with 2xx: a health check without curl. */
const [path = '/livez'] = process.argv.slice(2)
const port = process.env['FRESHET_PORT'] ?? '8080'
const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
  signal: AbortSignal.timeout(3_000),
}).catch(() => undefined)
process.exitCode = answer?.ok === true ? 0 : 1
