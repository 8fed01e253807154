import type { KafkajsLogger } from 'kafkajs/src/network/connection.js'
import type { Logger } from 'pino'

/**
 * Logs the messages of kafkajs at level debug: a failed request reaches its caller as an EngineError, and the caller
 * knows whether it matters. The debug messages of each request are dropped.
 */
export function kafkajsLogger(logger: Logger | undefined, name = 'kafkajs'): KafkajsLogger {
  const debug = (message: string, extra: object = {}) =>
    logger?.debug({ ...extra, logger: name }, message)
  return {
    namespace: (inner) => kafkajsLogger(logger, inner),
    debug: () => undefined,
    info: debug,
    warn: debug,
    error: debug,
  }
}
