import { parseArgs } from 'node:util'
import { startQdrantStandIn } from './start-qdrant-stand-in.ts'

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '6333' },
    data: { type: 'string' },
    'api-key': { type: 'string' },
  },
})
if (values.data === undefined) {
  process.stderr.write('usage: main.ts --data DIR [--port 6333] [--api-key KEY]\n')
  process.exit(2)
}

const apiKey = values['api-key']
const standIn = await startQdrantStandIn({
  folder: values.data,
  port: Number(values.port),
  ...(apiKey !== undefined && { apiKey }),
})
process.stdout.write(`embedded vectors standing in for Qdrant ready at ${standIn.url}\n`)

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    void standIn[Symbol.asyncDispose]().then(() => process.exit(0))
  })
}
