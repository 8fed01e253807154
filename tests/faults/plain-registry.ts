import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { EngineError } from '#engines/errors.ts'
import type { Registry } from '#engines/registry/port.ts'

export interface PlainRegistry extends AsyncDisposable {
  readonly port: number
}

/** A registry of ours behind the part of the Confluent API that the adapter uses. */
export async function startPlainRegistry(registry: Registry): Promise<PlainRegistry> {
  const server = createServer((request, response) => {
    void answer(registry, request).then(({ status, body }) => {
      response.writeHead(status, { 'Content-Type': 'application/vnd.schemaregistry.v1+json' })
      response.end(JSON.stringify(body))
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function answer(registry: Registry, request: IncomingMessage) {
  const path = decodeURIComponent(request.url ?? '')
  const [, subject] = /^\/subjects\/(.+)\/versions$/.exec(path) ?? []
  const [, id] = /^\/schemas\/ids\/(\d+)/.exec(path) ?? []
  try {
    if (subject !== undefined) {
      const { schema } = JSON.parse(await text(request)) as { schema: string }
      return { status: 200, body: { id: await registry.register(subject, schema) } }
    }
    if (id !== undefined) return { status: 200, body: { schema: await registry.byId(Number(id)) } }
    return { status: 200, body: { compatibilityLevel: 'BACKWARD_TRANSITIVE' } }
  } catch (error) {
    if (!(error instanceof EngineError) || error.code !== 'UNKNOWN_SCHEMA') throw error
    return { status: 404, body: { error_code: 40403, message: 'Schema not found' } }
  }
}
