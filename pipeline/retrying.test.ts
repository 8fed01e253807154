import { pino } from 'pino'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { EngineError } from '#engines/errors.ts'
import type { JoinOptions, Lease, Log } from '#engines/log/port.ts'
import type { InsertOptions, Tables } from '#engines/tables/port.ts'
import { type Row, type TableSpec, WATERMARKS } from '#schemas/tables.ts'
import { BREAKER, RETRY_DELAY_MS } from './retry.ts'
import { type RetryingTables, retryingCodec, retryingLog, retryingTables } from './retrying.ts'

const silent = pino({ level: 'silent' })
const away = () => new EngineError('ENGINE_UNAVAILABLE', 'away')
const lost = () => new EngineError('LEASE_LOST', 'lost')
const LONG_ENOUGH_MS = BREAKER.halfOpenAfterMs + 3 * RETRY_DELAY_MS.maxDelay
const rows: readonly Row<typeof WATERMARKS>[] = [
  { group: 'g', _topic: 't', _partition: 0, watermark: 1, idle: 0, ver: 1, updated_at: 1 },
]

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Tables that fail so many times, and what was asked of them. */
function tablesAwayFor(times: number) {
  const asked: { rows: readonly Row<TableSpec>[]; options: InsertOptions | undefined }[] = []
  const tables: Pick<Tables, 'insert' | 'query'> = {
    insert: async (_, inserted, options) => {
      asked.push({ rows: inserted, options })
      if (asked.length <= times) throw away()
    },
    query: async () => [],
  }
  return { asked, tables }
}

test('an insert is repeated with the same rows and token, and says how many attempts it took', async () => {
  const { asked, tables } = tablesAwayFor(2)
  const inserted = retryingTables(tables, silent).insert(WATERMARKS, rows, { token: 't1' })
  await vi.advanceTimersByTimeAsync(LONG_ENOUGH_MS)
  expect(await inserted).toBe(3)
  expect(asked).toEqual([1, 2, 3].map(() => ({ rows, options: { token: 't1' } })))
})

test('what the breaker holds back is not an attempt', async () => {
  const { asked, tables } = tablesAwayFor(BREAKER.failures + 1)
  const inserted = retryingTables(tables, silent).insert(WATERMARKS, rows)
  await vi.advanceTimersByTimeAsync(10 * LONG_ENOUGH_MS)
  expect(await inserted).toBe(BREAKER.failures + 2)
  expect(asked).toHaveLength(BREAKER.failures + 2)
})

test('no insert begins after its signal has aborted', async () => {
  const { asked, tables } = tablesAwayFor(Number.POSITIVE_INFINITY)
  const retrying = retryingTables(tables, silent)
  const lease = new AbortController()
  const waiting = retrying
    .insert(WATERMARKS, rows, { signal: lease.signal })
    .catch((error: unknown) => error)
  await vi.advanceTimersByTimeAsync(1)
  lease.abort(lost())
  const before = asked.length
  await vi.advanceTimersByTimeAsync(LONG_ENOUGH_MS)
  expect(await waiting).toMatchObject({ code: 'ENGINE_UNAVAILABLE' })
  await expect(retrying.insert(WATERMARKS, rows, { signal: lease.signal })).rejects.toMatchObject({
    code: 'LEASE_LOST',
  })
  expect(asked).toHaveLength(before)
})

test('plain tables are refused where calls have to wait', () => {
  const { tables } = tablesAwayFor(0)
  // @ts-expect-error: nothing waits for these
  const plain: RetryingTables = tables
  expect(plain).not.toHaveProperty('isRetrying')
})

test('calls of a lease are retried until it is lost', async () => {
  const held = new AbortController()
  let isAway = true
  const answer = async () => {
    if (isAway) throw away()
  }
  const at = { topic: 't', partition: 0 }
  const lease: Lease = {
    ...at,
    epoch: 1,
    signal: held.signal,
    committed: { ...at, offset: 0, metadata: '' },
    fetch: async () => {
      await answer()
      return []
    },
    commit: answer,
  }
  const join: Log['join'] = async ({ work }: JoinOptions) => {
    await work(lease)
    return { failed: new Promise(() => {}), async [Symbol.asyncDispose]() {} }
  }
  const log = retryingLog({ join, append: async () => [], bounds: async () => [] }, silent)
  const done: string[] = []
  const working = log.join({
    group: 'g',
    topics: ['t'],
    work: async (waiting) => {
      await waiting.fetch(0, { maxRecords: 1, maxBytes: 1, waitMs: 0 })
      done.push('fetched')
      isAway = true
      const refused = await waiting.commit(1, '').catch((error: unknown) => error)
      done.push((refused as EngineError).code)
    },
  })
  await vi.advanceTimersByTimeAsync(LONG_ENOUGH_MS)
  expect(done).toEqual([])
  isAway = false
  await vi.advanceTimersByTimeAsync(LONG_ENOUGH_MS)
  expect(done).toEqual(['fetched'])
  held.abort(lost())
  await vi.advanceTimersByTimeAsync(LONG_ENOUGH_MS)
  await working
  expect(done).toEqual(['fetched', 'ENGINE_UNAVAILABLE'])
})

test('a schema that only a newer version knows is waited for, although the registry answers', async () => {
  let asked = 0
  const learn = async () => {
    asked += 1
    if (asked < 4) throw new EngineError('UNKNOWN_SCHEMA', 'newer')
  }
  const codec = retryingCodec(
    { learn, decode: () => ({ kind: 'unknown-schema', schemaId: 7 }) },
    silent,
  )
  const learned = codec.learn(7, new AbortController().signal)
  await vi.advanceTimersByTimeAsync(LONG_ENOUGH_MS)
  await learned
  expect(asked).toBe(4)
})
