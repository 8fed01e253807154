import { resolve } from 'node:path'

const EMBEDDED = 'embedded:'

/** Which schemes choose a server for each engine. */
export const SERVER_SCHEMES = {
  log: ['kafka:'],
  tables: ['clickhouse:'],
  vectors: ['qdrant:'],
  cache: ['redis:', 'rediss:', 'redis-cluster:'],
  registry: ['http:', 'https:'],
} as const
export type SwitchableEngine = keyof typeof SERVER_SCHEMES

export function isEmbedded(url: string): boolean {
  return url.startsWith(EMBEDDED)
}

/** The folder that an `embedded:PATH` URL names. */
export function folderOf(url: string): string {
  return resolve(url.slice(EMBEDDED.length))
}

/** The URL of an embedded engine that keeps its files in the folder. */
export function embeddedAt(folder: string): string {
  return `${EMBEDDED}${folder}`
}

/** Whether the URL chooses an adapter of the engine; its adapter checks the rest. */
export function isEngineUrl(engine: SwitchableEngine, url: string): boolean {
  return isEmbedded(url) || SERVER_SCHEMES[engine].some((scheme) => url.startsWith(`${scheme}//`))
}
