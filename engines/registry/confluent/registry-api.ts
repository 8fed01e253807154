import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { createRequire } from 'node:module'
import type * as ApiModule from '@kafkajs/confluent-schema-registry/dist/api/index.js'
import type { RegistryAddress } from './registry-url.ts'

export type RegistryApi = ApiModule.SchemaRegistryAPIClient
type Middleware = NonNullable<ApiModule.SchemaRegistryAPIClientArgs['middlewares']>[number]

// A default import of this CommonJS file differs between Node and a test runner; require does not.
const { default: openApi } = createRequire(import.meta.url)(
  '@kafkajs/confluent-schema-registry/dist/api',
) as (typeof ApiModule)['default']

/** Callers retry. All fields are set, because the package reuses those of one client for the next. */
const NO_RETRIES = {
  retries: 0,
  initialRetryTimeInSecs: 0.1,
  maxRetryTimeInSecs: 5,
  factor: 0.2,
  multiplier: 2,
}

/**
 * The package's HTTP calls alone: its `SchemaRegistry` neither returns the text of a schema nor sets the compatibility of
 * a subject before the first version. A call that takes longer than `timeoutMs` rejects with the
 * `TimeoutError` of its signal.
 */
export function openRegistryApi(
  { base, tls, login }: RegistryAddress,
  timeoutMs: number,
): RegistryApi {
  return openApi({
    host: base,
    // Calls are few, and a call on a kept connection fails while the server closes it.
    agent:
      tls === undefined
        ? new HttpAgent({ keepAlive: false })
        : new HttpsAgent({ keepAlive: false, ...tls }),
    ...(login === undefined ? {} : { auth: login }),
    retry: NO_RETRIES,
    middlewares: [deadline(timeoutMs)],
  })
}

/** Without a deadline, a server that hangs, or stops in the middle of an answer, would be waited for forever. */
function deadline(timeoutMs: number): Middleware {
  return () => ({
    prepareRequest: async (next) =>
      (await next()).enhance({ signal: AbortSignal.timeout(timeoutMs) }),
    response: (next, _renew, request) => {
      const signal = request.signal()
      return signal === undefined ? next() : Promise.race([next(), rejectOn(signal)])
    },
  })
}

function rejectOn(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
  })
}
