import { EngineError } from '#engines/errors.ts'

/** Where a Qdrant answers, and what it takes to be let in. */
export interface QdrantAddress {
  /** `http://host:6333` or `https://…`: without the key, so that it may be shown. */
  readonly baseUrl: string
  readonly apiKey: string | undefined
  /** A file of certificates in PEM format, trusted beside those of the system. */
  readonly caFile: string | undefined
}

const DEFAULT_PORT = '6333'
const FORM = 'qdrant://[:api-key@]host:6333[?tls=true&ca=FILE]'

/** @throws EngineError ENGINE_REFUSED that says what is wrong, and never the key */
export function parseQdrantUrl(url: string): QdrantAddress {
  const parsed = URL.parse(url)
  if (parsed?.protocol !== 'qdrant:') throw malformed('does not begin with qdrant://')
  const { hostname, port, username, password, pathname, hash, searchParams } = parsed
  if (hostname === '') throw malformed('names no host')
  if (username !== '') throw malformed('has a user name: the key stands behind a colon')
  if (!['', '/'].includes(pathname) || hash !== '') throw malformed('has a path')
  const unknown = [...searchParams.keys()].find((key) => key !== 'tls' && key !== 'ca')
  if (unknown !== undefined) throw malformed(`has the unknown parameter ${unknown}`)
  const caFile = searchParams.get('ca') ?? undefined
  const tls = searchParams.get('tls') ?? String(caFile !== undefined)
  if (tls !== 'true' && tls !== 'false') throw malformed('has a tls that is neither true nor false')
  if (caFile !== undefined && tls === 'false') throw malformed('has a ca, and tls=false')
  return {
    baseUrl: `${tls === 'true' ? 'https' : 'http'}://${hostname}:${port || DEFAULT_PORT}`,
    apiKey: password === '' ? undefined : decoded(password),
    caFile,
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw malformed('has a key with a % that encodes nothing: write it as %25')
  }
}

function malformed(what: string): EngineError {
  return new EngineError('ENGINE_REFUSED', `the vectors URL ${what}: write it as ${FORM}`, {
    retriable: false,
  })
}
