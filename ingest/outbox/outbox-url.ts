import { refused } from '#engines/errors.ts'

const EXAMPLE = 'postgres://user:password@host:5432/database?sslmode=verify-full&sslrootcert=ca.crt'

/** The URL as messages and logs show it: never with its password. @throws EngineError ENGINE_REFUSED */
export function outboxAddress(url: string): string {
  if (!URL.canParse(url)) throw unusable('cannot be read as a URL')
  const { protocol, host, pathname } = new URL(url)
  if (protocol !== 'postgres:' && protocol !== 'postgresql:')
    throw unusable(`starts with ${protocol} instead of postgres:`)
  if (host === '') throw unusable('names no host')
  if (pathname.length < 2) throw unusable('names no database')
  return `postgres://${host}${pathname}`
}

function unusable(why: string): Error {
  return refused(`the URL of the outbox ${why}; for example ${EXAMPLE}`)
}
