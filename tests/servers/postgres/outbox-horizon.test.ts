import { setTimeout } from 'node:timers/promises'
import fc from 'fast-check'
import { v7 } from 'uuid'
import { expect, test } from 'vitest'
import { withServer } from '../with-server.ts'
import {
  createOutbox,
  insertRows,
  openTestLog,
  startReader,
  type TestOutbox,
  viewRow,
} from './open-outbox.ts'

/** What is usually written: read on after the largest that was seen. */
function naiveReader(outbox: TestOutbox, column: 'id' | 'xid') {
  let last = column === 'id' ? '00000000-0000-0000-0000-000000000000' : '0'
  return async () => {
    const rows = await outbox.sql<{ id: string; xid: string }>(
      `SELECT id, xid::text FROM outbox WHERE ${column} > $1 ORDER BY ${column}`,
      [last],
    )
    last = rows.at(-1)?.[column] ?? last
    return rows.map(({ id }) => id)
  }
}

withServer('postgres', (server) => {
  test.each(['id', 'xid'] as const)(
    'what commits late with a smaller id is read, where `%s > last` loses it',
    async (column) => {
      await using outbox = await createOutbox(server)
      await using log = await openTestLog()
      await using _reader = startReader(outbox, log)
      const readNaively = naiveReader(outbox, column)
      const [late, early] = [viewRow('ann'), viewRow('ann')]
      const slow = await outbox.connect()
      await slow.query('BEGIN')
      await insertRows(slow, [late])
      await outbox.insert([early])

      expect(await readNaively()).toEqual([early.id])
      await setTimeout(300)
      expect(await log.stored()).toEqual([])

      await slow.query('COMMIT')
      await slow.end()
      expect(await readNaively()).toEqual([])
      const read = await log.storedAtLeast(2)
      expect(read.map(({ event_id }) => event_id)).toEqual([late.id, early.id])
    },
  )

  test('what was rolled back is not read, and savepoints belong to their transaction', async () => {
    await using outbox = await createOutbox(server)
    await using log = await openTestLog()
    await using _reader = startReader(outbox, log)
    const [first, second, third, undone, last] = Array.from({ length: 5 }, () => viewRow('ann'))
    if (!first || !second || !third || !undone || !last) throw new Error()
    const slow = await outbox.connect()
    await slow.query('BEGIN')
    await insertRows(slow, [first])
    await slow.query('SAVEPOINT one')
    await insertRows(slow, [second])
    await slow.query('RELEASE one')
    await outbox.insert([last])
    await slow.query('SAVEPOINT two')
    await insertRows(slow, [undone])
    await slow.query('ROLLBACK TO two')
    await insertRows(slow, [third])
    await slow.query('COMMIT')
    await slow.query('BEGIN')
    await insertRows(slow, [viewRow('nobody')])
    await slow.query('ROLLBACK')
    await slow.end()
    const read = await log.storedAtLeast(4)
    expect(read.map(({ event_id }) => event_id)).toEqual([first.id, second.id, third.id, last.id])
  })

  const delay = fc.nat({ max: 15 })
  const transaction = fc.record({
    aggregate: fc.constantFrom('a', 'b', 'c'),
    rows: fc.integer({ min: 1, max: 3 }),
    before: delay,
    between: delay,
    after: delay,
    isCommitted: fc.boolean(),
  })
  type Transaction = typeof transaction extends fc.Arbitrary<infer T> ? T : never

  /** A transaction as docs/outbox.md wants it: it locks what it is about before it writes anything. */
  async function run(client: Awaited<ReturnType<TestOutbox['connect']>>, plan: Transaction) {
    await setTimeout(plan.before)
    await client.query('BEGIN')
    const { rows } = await client.query<{ version: number }>(
      'SELECT version FROM aggregates WHERE id = $1 FOR UPDATE',
      [plan.aggregate],
    )
    const version = rows[0]?.version ?? 0
    await setTimeout(plan.between)
    for (let i = 1; i <= plan.rows; i++) {
      const product = { product_id: plan.aggregate, price_minor: version + i, currency: 'GBP' }
      const payload = { ...product, title: '' }
      const kind = { aggregatetype: 'product', aggregateid: plan.aggregate }
      await insertRows(client, [{ id: v7(), ...kind, type: 'ProductUpserted', payload }])
    }
    await client.query('UPDATE aggregates SET version = $2 WHERE id = $1', [
      plan.aggregate,
      version + plan.rows,
    ])
    await setTimeout(plan.after)
    await client.query(plan.isCommitted ? 'COMMIT' : 'ROLLBACK')
  }

  test('of concurrent transactions every committed row arrives once, in the order of its aggregate, though the reader loses its connection', async () => {
    const workers = fc.array(fc.array(transaction, { maxLength: 6 }), {
      minLength: 2,
      maxLength: 5,
    })
    const kills = fc.array(fc.nat({ max: 150 }), { maxLength: 3 })
    await fc.assert(
      fc.asyncProperty(workers, kills, async (plans, killedAt) => {
        await using outbox = await createOutbox(server)
        await using log = await openTestLog()
        await outbox.sql('CREATE TABLE aggregates (id text PRIMARY KEY, version int)')
        await outbox.sql(`INSERT INTO aggregates VALUES ('a', 0), ('b', 0), ('c', 0)`)
        await using _reader = startReader(outbox, log, { limits: { rows: 4 } })
        const killing = killedAt.map(async (ms) => {
          await setTimeout(ms)
          await endReaders(outbox)
        })
        const working = plans.map(async (plan) => {
          const client = await outbox.connect()
          for (const each of plan) await run(client, each)
          await client.end()
        })
        await Promise.all([...working, ...killing])
        const versions = await outbox.sql<{ id: string; version: number }>(
          'SELECT id, version FROM aggregates ORDER BY id',
        )
        const total = versions.reduce((sum, { version }) => sum + version, 0)
        const read = (await log.storedAtLeast(total)).map((event) =>
          event.type === 'ProductUpserted' ? `${event.product_id} ${event.price_minor}` : '',
        )
        const said = versions.map(({ id, version }) =>
          Array.from({ length: version }, (_, i) => `${id} ${i + 1}`),
        )
        const inOrder = versions.map(({ id }) => read.filter((each) => each.startsWith(id)))
        expect(inOrder).toEqual(said)
      }),
      { numRuns: 12 },
    )
  }, 120_000)
})

/** Ends the sessions of this outbox's readers, and of no other's: their lock names the table. */
async function endReaders(outbox: TestOutbox): Promise<void> {
  await outbox.sql(`SELECT pg_terminate_backend(pid) FROM pg_locks
    WHERE locktype = 'advisory' AND objid = 'outbox'::regclass::oid`)
}
