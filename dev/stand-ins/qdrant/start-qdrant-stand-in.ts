import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { openEmbeddedVectors } from '#engines/vectors/embedded/embedded-vectors.ts'
import { CatalogueFile } from './catalogue-file.ts'
import { qdrantApp } from './qdrant-app.ts'
import { qdrantRoutes } from './qdrant-routes.ts'
import { StandInCollections } from './stand-in-collections.ts'
import { StandInPoints } from './stand-in-points.ts'

export interface QdrantStandInOptions {
  /** Data folder, for one process at a time. Created when absent. */
  readonly folder: string
  /** On 127.0.0.1; default 0, a free port. */
  readonly port?: number
  /** Required by every request except health checks; default none. */
  readonly apiKey?: string
}

export interface QdrantStandIn extends AsyncDisposable {
  /** In the form of Freshet's settings, without the key: `qdrant://127.0.0.1:6333`. */
  readonly url: string
}

/**
 * Our embedded vectors behind the part of Qdrant's REST API that our adapter uses: named vectors, filters, conditional
 * upserts, aliases. No index (every search is exact), shards or snapshots: for development and tests on one machine.
 * Anything else is answered with 501.
 * @throws EngineError DATA_FOLDER_IN_USE, ENGINE_CORRUPT, ENGINE_UNAVAILABLE
 */
export async function startQdrantStandIn(options: QdrantStandInOptions): Promise<QdrantStandIn> {
  const { folder, port = 0, apiKey } = options
  await using opening = new AsyncDisposableStack()
  const vectors = opening.use(await openEmbeddedVectors({ folder }))
  const collections = new StandInCollections(vectors, await CatalogueFile.open(folder))
  const routes = qdrantRoutes(collections, new StandInPoints(vectors, collections))
  const server = createServer(qdrantApp(routes, apiKey))
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  opening.defer(async () => {
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  })
  const opened = opening.move()
  return {
    url: `qdrant://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}
