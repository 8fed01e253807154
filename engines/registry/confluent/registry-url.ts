import { parseServerUrl, type ServerUrl, type UrlForm } from '#engines/server-url.ts'

const FORM: UrlForm<Record<never, never>> = {
  of: 'schema registry',
  schemes: ['http:', 'https:'],
  example: 'https://user:password@registry.example:8085/apis/ccompat/v7?ca=ca.pem',
  port: 80,
  tlsPort: 443,
  tlsSchemes: ['https:'],
  tls: ['ca', 'cert', 'key'],
  parameters: {},
}

export interface RegistryAddress extends Pick<ServerUrl<Record<never, never>>, 'tls'> {
  /** Scheme, host, port and path, without a slash at the end: fit to be shown. */
  readonly base: string
  readonly login: { readonly username: string; readonly password: string } | undefined
}

/**
 * Reads `http(s)://[user:password@]host:port/path[?ca=FILE&cert=FILE&key=FILE]`.
 * @throws EngineError ENGINE_REFUSED, never with a password
 */
export function parseRegistryUrl(text: string): RegistryAddress {
  const { hosts, shown, path, user, password, tls, refused } = parseServerUrl(text, FORM)
  if (hosts.length > 1) throw refused('it names several hosts')
  const { origin, pathname } = new URL(`${shown}${path}`)
  return {
    base: `${origin}${pathname.replace(/\/+$/, '')}`,
    login: user === '' ? undefined : { username: user, password },
    tls,
  }
}
