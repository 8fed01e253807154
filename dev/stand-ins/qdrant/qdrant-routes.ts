import * as bodies from './qdrant-bodies.ts'
import type { StandInCollections } from './stand-in-collections.ts'
import type { StandInPoints } from './stand-in-points.ts'

export interface Route {
  readonly method: 'get' | 'put' | 'post' | 'delete'
  readonly path: string
  /** Writes run one at a time; an update is a write that is answered with its status only. */
  readonly kind: 'read' | 'write' | 'update'
  /** May be async. */
  readonly result: (name: string, body: unknown) => unknown
}

/** The routes of the stand-in, in the order of matching. */
export function qdrantRoutes(
  collections: StandInCollections,
  points: StandInPoints,
): readonly Route[] {
  return [
    reads('get', '/collections', () => ({
      collections: collections.names.map((name) => ({ name })),
    })),
    reads('get', '/aliases', () => ({ aliases: collections.aliases })),
    writes('post', '/collections/aliases', (_, body) =>
      collections.changeAliases(bodies.changeAliases.parse(body).actions),
    ),
    reads('get', '/collections/:name', (name) => collections.info(name)),
    writes('put', '/collections/:name', (name, body) =>
      collections.create(name, bodies.createCollection.parse(body)),
    ),
    writes('delete', '/collections/:name', (name) => collections.delete(name)),
    updates('put', '/collections/:name/index', (name, body) =>
      collections.addIndex(name, bodies.createFieldIndex.parse(body)),
    ),
    updates('put', '/collections/:name/points', (name, body) =>
      points.upsert(name, bodies.upsertPoints.parse(body)),
    ),
    reads('post', '/collections/:name/points', (name, body) =>
      points.retrieve(name, bodies.getPoints.parse(body)),
    ),
    updates('post', '/collections/:name/points/delete', (name, body) =>
      points.delete(name, bodies.deletePoints.parse(body)),
    ),
    reads('post', '/collections/:name/points/count', (name, body) =>
      points.count(name, bodies.countPoints.parse(body)),
    ),
    reads('post', '/collections/:name/points/query/batch', (name, body) =>
      points.queryBatch(name, bodies.queryBatch.parse(body)),
    ),
  ]
}

function reads(method: Route['method'], path: string, result: Route['result']): Route {
  return { kind: 'read', method, path, result }
}

function writes(method: Route['method'], path: string, result: Route['result']): Route {
  return { kind: 'write', method, path, result }
}

function updates(method: Route['method'], path: string, result: Route['result']): Route {
  return { kind: 'update', method, path, result }
}
