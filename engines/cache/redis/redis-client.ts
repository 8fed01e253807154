import { Cluster, Redis } from 'ioredis'
import type { RedisAddress } from './redis-url.ts'

/**
 * A server that has not answered a command for this long is considered down: its connection is dropped and all commands
 * fail at once, until it answers again.
 */
export const REDIS_TIMEOUT_MS = 2_000
const RECONNECT_MS = { first: 50, max: 2_000 } as const
/** While slots migrate a key moves once or twice; more redirections mean a node that is gone. */
const REDIRECTIONS_MAX = 4

export type RedisClient = Redis | Cluster

/** A client that is not connected yet. Commands neither queue while the server is down, nor are sent twice. */
export function redisClient(address: RedisAddress, timeoutMs: number): RedisClient {
  const { isCluster, nodes, keyPrefix, tls } = address
  if (!isCluster) {
    return new Redis({
      ...connectionOptions(address, timeoutMs),
      ...nodes[0],
      keyPrefix,
      lazyConnect: true,
      enableOfflineQueue: false,
      retryStrategy: reconnectDelay,
    })
  }
  return new Cluster([...nodes], {
    redisOptions: connectionOptions(address, timeoutMs),
    keyPrefix,
    lazyConnect: true,
    enableOfflineQueue: false,
    clusterRetryStrategy: reconnectDelay,
    maxRedirections: REDIRECTIONS_MAX,
    slotsRefreshTimeout: timeoutMs,
    // This client would resolve hosts to addresses, but certificates name hosts.
    ...(tls && { dnsLookup: (host, done) => done(null, host) }),
  })
}

function connectionOptions({ username, password, db, tls }: RedisAddress, timeoutMs: number) {
  return {
    username,
    password,
    db,
    ...(tls && { tls: { ...tls } }),
    // We need only strings and integers, and many proxies know only RESP2.
    protocol: 2 as const,
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    // An increment whose answer was lost may have been counted.
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    // Reconnecting resolves the name again, which then leads to the new primary.
    reconnectOnError: ({ message }: Error) => message.startsWith('READONLY'),
    connectionName: 'freshet',
  }
}

function reconnectDelay(attempt: number): number {
  return Math.min(RECONNECT_MS.first * 2 ** attempt, RECONNECT_MS.max)
}
