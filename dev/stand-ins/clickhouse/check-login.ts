import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { exception } from './clickhouse-exception.ts'

interface Login {
  readonly user: string
  readonly password: string
}

/** Accepts the user `default`, by headers, Basic authentication or URL. @throws ClickHouseException AUTHENTICATION_FAILED */
export function checkLogin(request: IncomingMessage, url: URL, password: string): void {
  const login = byHeaders(request) ?? byAuthorization(request) ?? byUrl(url)
  if (login.user === 'default' && equal(login.password, password)) return
  throw exception(
    516,
    'AUTHENTICATION_FAILED',
    `${login.user}: Authentication failed: password is incorrect, or there is no user with such name`,
  )
}

function byHeaders({ headers }: IncomingMessage): Login | undefined {
  const { 'x-clickhouse-user': user, 'x-clickhouse-key': key } = headers
  if (user === undefined && key === undefined) return undefined
  return { user: String(user ?? 'default'), password: String(key ?? '') }
}

function byAuthorization({ headers }: IncomingMessage): Login | undefined {
  const encoded = /^Basic (\S+)$/i.exec(headers.authorization ?? '')?.[1]
  if (encoded === undefined) return undefined
  const [user = '', ...password] = Buffer.from(encoded, 'base64').toString().split(':')
  return { user, password: password.join(':') }
}

function byUrl({ searchParams }: URL): Login {
  return {
    user: searchParams.get('user') ?? 'default',
    password: searchParams.get('password') ?? '',
  }
}

function equal(given: string, wanted: string): boolean {
  return timingSafeEqual(digest(given), digest(wanted))
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
