import type { Request } from 'express'
import { ipKeyGenerator } from 'express-rate-limit'

/**
 * The client that a request counts for where clients are limited: the address that is one step before the outermost proxy that is
 * trusted (TRUST_PROXY, which is Express' `trust proxy`); of IPv6 its /56 network, since one client has all of that.
 */
export function clientAddress({ ip = '' }: Request): string {
  // Some proxies write the port of the connection behind the address.
  const [, bracketed, plain] =
    /^(?:\[([0-9a-f:.]+)\]|(\d+\.\d+\.\d+\.\d+))(?::\d+)?$/i.exec(ip) ?? []
  return ipKeyGenerator(bracketed ?? plain ?? ip)
}
