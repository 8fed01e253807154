import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { Registry as Metrics } from 'prom-client'
import { v7 } from 'uuid'
import { expect, test } from 'vitest'
import { systemClock } from '#engines/clock/system-clock.ts'
import { EngineError } from '#engines/errors.ts'
import { inspectOutbox } from '#ingest/outbox/inspect-outbox.ts'
import { withServer } from '../with-server.ts'
import {
  createOutbox,
  insertRows,
  openTestLog,
  startReader,
  type TestOutbox,
  type TestRow,
  until,
  viewRow,
  withAppend,
} from './open-outbox.ts'
import { makeOutboxTables } from './outbox-tables.ts'

const NOWHERE = 'postgres://ann:s3cret@127.0.0.1:1/shop'

test.each([
  ['shop', 'cannot be read as a URL'],
  ['mysql://ann:s3cret@db/shop', 'starts with mysql:'],
  ['postgres://ann:s3cret@db', 'names no database'],
  [`${NOWHERE}?sslmode=verify-full&sslrootcert=/nowhere/ca.crt`, 'ENOENT'],
])(
  '%s is refused with what is wrong and a right one, and without the password',
  async (url, said) => {
    await using log = await openTestLog()
    const refusal = await (async () => startReader({ url }, log).failed)().catch(
      (error: unknown) => error as Error,
    )
    expect(refusal).toMatchObject({ code: 'ENGINE_REFUSED', retriable: false })
    expect(refusal.message).toContain(said)
    expect(refusal.message).not.toContain('s3cret')
  },
)

test('a database that is away is waited for', async () => {
  await using log = await openTestLog()
  await using reader = startReader({ url: NOWHERE }, log)
  expect(await Promise.race([reader.failed, setTimeout(300, 'waiting')])).toBe('waiting')
})

withServer('postgres', (server) => {
  async function rejectedOf(outbox: TestOutbox) {
    return outbox.sql<{ id: string; code: string; pointer: string; payload: unknown }>(
      'SELECT id, code, pointer, payload FROM freshet_outbox_rejected ORDER BY id',
    )
  }

  test('a row becomes an event: its payload, under what its columns say', async () => {
    await using outbox = await createOutbox(server)
    await using log = await openTestLog()
    const id = v7()
    await outbox.sql(
      `INSERT INTO outbox (id, aggregatetype, aggregateid, type, event_time, payload)
      VALUES ($1, 'order', 'ann', 'OrderPlaced', '2026-01-31 09:30:00.25+02', $2)`,
      [
        id,
        {
          user_id: 'ann',
          order_id: 'o-1',
          currency: 'GBP',
          lines: [{ product_id: 'p', quantity: 2, unit_price_minor: 1_295 }],
          event_id: 'the column is right',
          type: 'too',
        },
      ],
    )
    await using _reader = startReader(outbox, log)
    expect(await log.storedAtLeast(1)).toMatchObject([
      {
        type: 'OrderPlaced',
        event_id: id,
        event_time: Date.UTC(2026, 0, 31, 7, 30, 0, 250),
        user_id: 'ann',
        order_id: 'o-1',
        lines: [{ quantity: 2, unit_price_minor: 1_295 }],
      },
    ])
  })

  test('10,000 rows of 500 transactions arrive once each, in their order', async () => {
    await using outbox = await createOutbox(server)
    await using log = await openTestLog()
    await using reader = startReader(outbox, log)
    const client = await outbox.connect()
    const sent: TestRow[] = []
    for (let i = 0; i < 500; i++) {
      const rows = Array.from({ length: 20 }, (_, j) => viewRow('ann', `p-${i}-${j}`))
      await insertRows(client, rows)
      sent.push(...rows)
    }
    await client.end()
    const stored = await log.storedAtLeast(sent.length)
    expect(stored.map(({ event_id }) => event_id)).toEqual(sent.map(({ id }) => id))
    expect(reader).toBeDefined()
  })

  test('the position survives: what was read is not read again by the next reader', async () => {
    await using outbox = await createOutbox(server)
    await using log = await openTestLog()
    for (let round = 1; round <= 3; round++) {
      await outbox.insert([viewRow('ann')])
      await using _reader = startReader(outbox, log)
      await log.storedAtLeast(round)
    }
    await using _last = startReader(outbox, log)
    await setTimeout(300)
    expect(await log.stored()).toHaveLength(3)
  })

  test('rows that are no events are set aside as they were, and those behind them go on', async () => {
    await using outbox = await createOutbox(server)
    await using log = await openTestLog()
    const metrics = new Metrics()
    const poison: TestRow[] = [
      { ...viewRow('ann'), payload: 'no object' },
      { ...viewRow('ann'), payload: null },
      { ...viewRow('ann'), type: 'ProductEaten' },
      { ...viewRow('ann'), payload: { user_id: 'ann' } },
      { ...viewRow('ann'), payload: { user_id: 'ann', product_id: 'p', huge: 'x'.repeat(3e6) } },
      { ...viewRow('ann'), payload: { user_id: 'ann', product_id: 1e300 } },
    ]
    const good = [viewRow('ann'), viewRow('bob')]
    const client = await outbox.connect()
    await client.query('ALTER TABLE outbox ALTER payload DROP NOT NULL')
    await insertRows(
      client,
      [good[0], ...poison, good[1]].filter((row) => row !== undefined),
    )
    await client.query(
      `INSERT INTO outbox (id, aggregatetype, aggregateid, type, payload, event_time)
      VALUES ($1, 'user', 'ann', 'ProductViewed', '{"user_id":"ann","product_id":"p"}', 'infinity')`,
      [v7()],
    )
    await client.end()
    await using _reader = startReader(outbox, log, { metrics })
    await until(async () => (await rejectedOf(outbox)).length === 7)
    const rejected = await rejectedOf(outbox)
    expect(rejected.map(({ code, pointer }) => [code, pointer])).toEqual([
      ['not_an_object', ''],
      ['not_an_object', ''],
      ['unknown_type', '/type'],
      ['missing_field', '/product_id'],
      ['event_too_large', ''],
      ['wrong_type', '/product_id'],
      ['wrong_format', '/event_time'],
    ])
    expect(rejected[4]?.payload).toEqual(poison[4]?.payload)
    const ids = (await log.storedAtLeast(2)).map(({ event_id }) => event_id)
    expect(ids.toSorted()).toEqual(good.map(({ id }) => id))
    const exposed = await metrics.metrics()
    expect(exposed).toContain('freshet_outbox_rows_total{outcome="appended"} 2')
    expect(exposed).toContain('freshet_outbox_rows_total{outcome="unknown_type"} 1')
  })

  test('a row that was corrected and given a new xid is read again', async () => {
    await using outbox = await createOutbox(server)
    await using log = await openTestLog()
    const row = { ...viewRow('ann'), type: 'ProductEaten' }
    await outbox.insert([row])
    await using _reader = startReader(outbox, log)
    await until(async () => (await rejectedOf(outbox)).length === 1)
    await outbox.sql(`UPDATE outbox SET type = 'ProductViewed', xid = DEFAULT WHERE id = $1`, [
      row.id,
    ])
    expect(await log.storedAtLeast(1)).toMatchObject([{ event_id: row.id, product_id: 'p' }])
  })

  test('chunks stay within their bytes, whatever rows weigh', async () => {
    await using outbox = await createOutbox(server)
    await using log = await openTestLog()
    const chunks: number[] = []
    const append: typeof log.log.append = (records) => {
      chunks.push(records.length)
      return log.log.append(records)
    }
    const rows = Array.from({ length: 5 }, () => {
      const row = viewRow('ann')
      return { ...row, payload: { ...(row.payload as object), note: 'x'.repeat(900) } }
    })
    await outbox.insert(rows)
    const watched = { log: withAppend(log.log, append), limits: { bytes: 1_500 } }
    await using _reader = startReader(outbox, log, watched)
    await log.storedAtLeast(5)
    expect(chunks).toEqual([2, 2, 1])
  })

  test('passed rows are deleted with their chunk when asked to', async () => {
    await using outbox = await createOutbox(server)
    await using log = await openTestLog()
    const rows = Array.from({ length: 25 }, () => viewRow('ann'))
    await outbox.insert(rows)
    await using _reader = startReader(outbox, log, { deleteAfter: 'chunk', limits: { rows: 10 } })
    await until(async () => {
      const [left] = await outbox.sql<{ count: string }>('SELECT count(*) FROM outbox')
      return left?.count === '0'
    })
    expect(await log.stored()).toHaveLength(25)
  })

  test('of two readers one reads, and the other goes on when it stops', async () => {
    await using outbox = await createOutbox(server)
    await using log = await openTestLog()
    const readers = [startReader(outbox, log), startReader(outbox, log)]
    const sent: TestRow[] = []
    const send = async () => {
      const rows = Array.from({ length: 50 }, () => viewRow('ann'))
      await outbox.insert(rows)
      sent.push(...rows)
      await log.storedAtLeast(sent.length)
    }
    for (const reader of readers) {
      await send()
      await reader[Symbol.asyncDispose]()
    }
    const last = startReader(outbox, log)
    await send()
    await last[Symbol.asyncDispose]()
    const ids = (await log.stored()).map(({ event_id }) => event_id)
    expect(ids).toEqual(sent.map(({ id }) => id))
  })

  test('a log that is full or down is waited for, and what it took before it failed is not repeated', async () => {
    await using outbox = await createOutbox(server)
    await using log = await openTestLog()
    let failures = 0
    const append: typeof log.log.append = async (records) => {
      failures += 1
      if (failures === 1) throw new EngineError('ENGINE_OVERLOADED', 'the queue is full')
      if (failures > 2) return log.log.append(records)
      await log.log.append(records.slice(0, 3))
      throw new EngineError('ENGINE_UNAVAILABLE', 'gone')
    }
    const rows = Array.from({ length: 10 }, () => viewRow('ann'))
    await outbox.insert(rows)
    await using _reader = startReader(outbox, log, { log: withAppend(log.log, append) })
    const ids = (await log.storedAtLeast(10)).map(({ event_id }) => event_id)
    expect(ids).toEqual(rows.map(({ id }) => id))
    await setTimeout(300)
    expect(await log.stored()).toHaveLength(10)
  })

  test('with the trigger, a commit wakes the reader before its next poll', async () => {
    await using outbox = await createOutbox(server)
    await using log = await openTestLog()
    await outbox.sql(`CREATE TRIGGER outbox_wake AFTER INSERT ON outbox
      FOR EACH STATEMENT EXECUTE FUNCTION freshet_outbox_wake()`)
    const sleepUntilWoken = async (_: number, signal?: AbortSignal) => {
      if (signal && !signal.aborted) await once(signal, 'abort')
    }
    const clock = { now: () => Date.now(), sleep: sleepUntilWoken }
    await using _reader = startReader(outbox, log, { clock })
    await until(async () => (await inspectOutbox({ url: outbox.url, clock: systemClock })).isRead)
    await outbox.insert([viewRow('ann')])
    expect(await log.storedAtLeast(1)).toHaveLength(1)
    await outbox.insert([viewRow('ann')])
    expect(await log.storedAtLeast(2)).toHaveLength(2)
  })

  test('what an open transaction holds up shows as lag, and in what doctor asks', async () => {
    await using outbox = await createOutbox(server)
    await using log = await openTestLog()
    const metrics = new Metrics()
    const options = { url: outbox.url, clock: systemClock }
    expect(await inspectOutbox(options)).toEqual({ isRead: false, rejected: 0, lagMs: 0 })
    const slow = await outbox.connect()
    await slow.query('BEGIN; SELECT pg_current_xact_id()')
    await outbox.insert([viewRow('ann')])
    await outbox.sql(`UPDATE outbox SET event_time = now() - interval '1 hour'`)
    await using _reader = startReader(outbox, log, { metrics })
    await until(async () => /lag_seconds 36\d\d/.test(await metrics.metrics()))
    const state = await inspectOutbox(options)
    expect(state).toMatchObject({ isRead: true, rejected: 0 })
    expect(state.lagMs).toBeGreaterThanOrEqual(3_600_000)
    await slow.query('COMMIT')
    await slow.end()
    await log.storedAtLeast(1)
    await until(async () => /lag_seconds 0$/m.test(await metrics.metrics()))
  })

  test('making the tables again leaves what is in them', async () => {
    await using outbox = await createOutbox(server)
    await outbox.insert([viewRow('ann')])
    await makeOutboxTables({ url: outbox.url, clock: systemClock })
    expect(await outbox.sql('SELECT FROM outbox')).toHaveLength(1)
  })

  test('missing tables are named, with what creates them', async () => {
    await using outbox = await createOutbox(server)
    await using log = await openTestLog()
    await outbox.sql('DROP TABLE outbox')
    await using reader = startReader(outbox, log)
    await expect(reader.failed).rejects.toMatchObject({
      code: 'ENGINE_REFUSED',
      message: expect.stringContaining('run schemas/outbox.sql'),
    })
  })

  test('a position of another PostgreSQL cluster is refused; reading goes on once the unread rows are named', async () => {
    await using outbox = await createOutbox(server)
    await using log = await openTestLog()
    const [passed, left, late] = [viewRow('ann'), viewRow('ann'), viewRow('ann')]
    await outbox.insert([passed, left, late])
    await outbox.sql(`UPDATE outbox SET xid = '99999999'`)
    await outbox.sql(
      `INSERT INTO freshet_outbox_position (xid, id, system_identifier)
      VALUES ('99999999', $1, 'another')`,
      [passed.id],
    )
    {
      await using reader = startReader(outbox, log)
      await expect(reader.failed).rejects.toMatchObject({ code: 'ENGINE_CORRUPT' })
      expect(await log.stored()).toEqual([])
    }
    const [, statements] = /## After a restore.*?```sql\n(.*?)```/s.exec(readText()) ?? []
    await outbox.sql(statements ?? '')
    await using _reader = startReader(outbox, log)
    const ids = (await log.storedAtLeast(2)).map(({ event_id }) => event_id)
    expect(ids).toEqual([left.id, late.id])
  })
})

function readText(): string {
  return readFileSync(new URL('../../../docs/outbox.md', import.meta.url), 'utf8')
}
