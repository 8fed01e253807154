import { EngineError } from '#engines/errors.ts'

const EXAMPLE = 'postgres://user:password@host:5432/database?sslmode=verify-full&sslrootcert=ca.crt'

/** The URL as messages and logs show it: never with its password. @throws EngineError ENGINE_REFUSED */
export function outboxAddress(url: string): string {
  if (!URL.canParse(url)) throw refused('cannot be read as a URL')
  const { protocol, host, pathname } = new URL(url)
  if (protocol !== 'postgres:' && protocol !== 'postgresql:')
    throw refused(`starts with ${protocol} instead of postgres:`)
  if (host === '') throw refused('names no host')
  if (pathname.length < 2) throw refused('names no database')
  return `postgres://${host}${pathname}`
}

function refused(what: string): EngineError {
  const message = `the URL of the outbox ${what}; a right one is ${EXAMPLE}`
  return new EngineError('ENGINE_REFUSED', message, { retriable: false })
}
