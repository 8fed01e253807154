import { resolve } from 'node:path'

const SCHEME = 'embedded:'

/** Whether the engine runs inside of one process, in a folder that belongs to it alone. */
export function isEmbedded(url: string): boolean {
  return url.startsWith(SCHEME)
}

/** The folder that an `embedded:PATH` URL names. */
export function folderOf(url: string): string {
  return resolve(url.slice(SCHEME.length))
}

/** The URL of an embedded engine that keeps its files in the folder. */
export function embeddedAt(folder: string): string {
  return `${SCHEME}${folder}`
}
