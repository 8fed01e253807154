import { authorityOf, parseServerUrl, type UrlForm } from '#engines/server-url.ts'

/** Address and credentials of a Qdrant. */
export interface QdrantAddress {
  /** `http://host:6333` or `https://…`: without the key, safe to show. */
  readonly baseUrl: string
  readonly apiKey: string | undefined
  /** Certificates in PEM format, trusted beside those of the system. */
  readonly ca: string | undefined
}

const FORM: UrlForm<Record<never, never>> = {
  of: 'vectors',
  schemes: ['qdrant:'],
  example: 'qdrant://:api-key@host:6333?tls=true&ca=ca.pem',
  port: 6333,
  tls: ['tls', 'ca'],
  parameters: {},
}

/** Reads `qdrant://[:api-key@]host[:6333][?tls=true&ca=FILE]`. @throws EngineError ENGINE_REFUSED, never with the key */
export function parseQdrantUrl(text: string): QdrantAddress {
  const { hosts, path, tls, user, password, refused } = parseServerUrl(text, FORM)
  if (user !== '') throw refused('it has a user name: the key comes after a colon')
  if (!['', '/'].includes(path)) throw refused('it has a path')
  const [host, ...others] = hosts
  if (others.length > 0) throw refused('it names several hosts')
  return {
    baseUrl: `${tls === undefined ? 'http' : 'https'}://${authorityOf(host)}`,
    apiKey: password || undefined,
    ca: tls?.ca,
  }
}
