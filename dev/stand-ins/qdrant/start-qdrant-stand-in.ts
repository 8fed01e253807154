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
  /** Of the embedded vectors: one process on a folder. Made when absent. */
  readonly folder: string
  /** On 127.0.0.1; a free one when 0 or left out. */
  readonly port?: number
  /** Asked of every request but health checks; none when left out. */
  readonly apiKey?: string
}

export interface QdrantStandIn extends AsyncDisposable {
  /** As Freshet takes it, without the key: `qdrant://127.0.0.1:6333`. */
  readonly url: string
}

/**
 * Our embedded vectors behind the part of Qdrant's REST interface that its client uses: named vectors, filters, conditional
 * upserts, aliases. It has no index (every search is exact), no shards and no snapshots: for development and tests on one
 * machine. What it does not know it refuses.
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
