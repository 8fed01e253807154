import { isIP } from 'node:net'
import type { RequestHandler } from 'express'
import { ProblemError } from '#schemas/http/problem.ts'

const LOCALHOST = 'localhost'
/** `name`, `1.2.3.4` or `[::1]`, each with or without a port. */
const HOST = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/
const SHOWN_MAX = 100

interface HostNames {
  /** What it was told to listen on: a name, or an address. */
  readonly listensOn: string
  /** Other names that it answers to, in lower case (ALLOWED_HOSTS). */
  readonly named: readonly string[]
}

/**
 * Answers only requests that are meant for this server, so that no web page reads it by DNS rebinding: a page whose name
 * is suddenly resolved to this machine still sends its own name as `Host`.
 *
 * Any IP address is a good Host, not only a loopback one: it is never looked up, so that nobody can point it elsewhere,
 * and it is what Kubernetes' probes and Prometheus' service discovery send. Ports are not compared, because containers
 * and tunnels map them and rebinding does not depend on them. HTTP/1.0 without a Host is answered: load balancers probe
 * so, browsers never do.
 */
export function allowedHosts({ listensOn, named }: HostNames): RequestHandler {
  const names = new Set([LOCALHOST, listensOn.toLowerCase(), ...named])
  return ({ headers: { host }, httpVersion }, _response, next) => {
    if (host === undefined ? httpVersion === '1.0' : isAllowed(host.toLowerCase())) next()
    else next(misdirected(host ?? ''))
  }

  function isAllowed(host: string): boolean {
    const [, address, name = ''] = HOST.exec(host) ?? []
    if (address !== undefined) return isIP(address) === 6
    return isIP(name) === 4 || names.has(name.replace(/\.$/, ''))
  }
}

function misdirected(host: string): ProblemError {
  const detail = `This server does not answer as "${host.slice(0, SHOWN_MAX)}". Ask for it by its address or as localhost, or start it with this name in ALLOWED_HOSTS (comma-separated names).`
  return new ProblemError('misdirected-request', detail)
}

/** Whether only this machine can reach what listens there. */
export function isLoopback(host: string): boolean {
  return host === LOCALHOST || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}
