import { readFile } from 'node:fs/promises'
import { EngineError } from '#engines/errors.ts'

const EXAMPLE = 'https://user:password@registry.example:8085/apis/ccompat/v7?ca=/etc/ca.pem'

export interface RegistryAddress {
  /** Scheme, host, port and path, without a slash at the end: fit to be shown. */
  readonly base: string
  readonly isSecure: boolean
  readonly login: { readonly username: string; readonly password: string } | undefined
  /** Certificates (PEM) that a server's certificate has to go back to; undefined for those that Node knows. */
  readonly ca: Buffer | undefined
}

/** Reads `http(s)://[user:password@]host:port/path[?ca=FILE]`. @throws EngineError ENGINE_REFUSED, never with a password */
export async function readRegistryUrl(text: string): Promise<RegistryAddress> {
  const url = URL.parse(text)
  if (url === null) throw refused('is no URL')
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw refused(`starts with ${url.protocol} where http: or https: is needed`)
  }
  const unknown = [...url.searchParams.keys()].find((key) => key !== 'ca')
  if (unknown !== undefined) throw refused(`has the parameter ${unknown}, which means nothing here`)
  const caFile = url.searchParams.get('ca')
  const username = decodeURIComponent(url.username)
  const password = decodeURIComponent(url.password)
  return {
    base: `${url.protocol}//${url.host}${url.pathname.replace(/\/+$/, '')}`,
    isSecure: url.protocol === 'https:',
    login: username === '' ? undefined : { username, password },
    ca: caFile === null ? undefined : await certificates(caFile),
  }
}

async function certificates(file: string): Promise<Buffer> {
  try {
    return await readFile(file)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw refused(`names certificates that cannot be read (${reason})`, error)
  }
}

function refused(what: string, cause?: unknown): EngineError {
  return new EngineError(
    'ENGINE_REFUSED',
    `the URL of the schema registry ${what}; a right one is ${EXAMPLE}`,
    { retriable: false, cause },
  )
}
