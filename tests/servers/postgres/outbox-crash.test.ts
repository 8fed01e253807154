import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { systemClock } from '#engines/clock/system-clock.ts'
import { OutboxSession } from '#ingest/outbox/outbox-session.ts'
import { withServer } from '../with-server.ts'
import {
  createOutbox,
  openTestLog,
  startReader,
  type TestOutbox,
  type TestRow,
  until,
  viewRow,
} from './open-outbox.ts'

const POINTS = ['after-intent', 'after-append', 'after-advance'] as const

const READER = fileURLToPath(new URL('./read-until-killed.ts', import.meta.url))
const HOLDER = fileURLToPath(new URL('./hold-lock-until-killed.ts', import.meta.url))

function start(script: string, args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [script, ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

/** Reads until killed at the point, or, where that never comes, until everything is passed. */
async function read(outbox: TestOutbox, folder: string, kill?: readonly [string, number]) {
  const child = start(READER, [outbox.url, folder, ...(kill ?? []).map(String)])
  const ended = once(child, 'exit')
  if (kill === undefined) {
    await until(async () => (await unread(outbox)) === 0)
    child.kill('SIGTERM')
  }
  const [, signal] = (await ended) as [number | null, string | null]
  expect(signal).toBe(kill === undefined ? null : 'SIGKILL')
}

async function unread(outbox: TestOutbox): Promise<number> {
  const [row] = await outbox.sql<{ count: string }>(`SELECT count(*) FROM outbox o
    LEFT JOIN freshet_outbox_position p ON true
    WHERE p.xid IS NULL OR p.intent IS NOT NULL OR (o.xid, o.id) > (p.xid, p.id)`)
  return Number(row?.count)
}

async function isHeld(outbox: TestOutbox): Promise<boolean> {
  const locks = await outbox.sql(`SELECT FROM pg_locks
    WHERE locktype = 'advisory' AND objid = 'outbox'::regclass::oid`)
  return locks.length > 0
}

async function storedIds(folder: string): Promise<readonly string[]> {
  await using log = await openTestLog(folder)
  return (await log.stored()).map(({ event_id }) => event_id)
}

withServer('postgres', (server) => {
  async function prepared() {
    await using opening = new AsyncDisposableStack()
    const outbox = opening.use(await createOutbox(server))
    const folder = await mkdtemp(join(tmpdir(), 'freshet-outbox-crash-'))
    opening.defer(() => rm(folder, { recursive: true }))
    const rows: TestRow[] = Array.from({ length: 150 }, () => viewRow('ann'))
    const bad = [5, 25, 45].map((i) => rows[i]).filter((row) => row !== undefined)
    for (const row of bad) Object.assign(row, { type: 'ProductEaten' })
    await outbox.insert(rows)
    const good = rows.filter((row) => !bad.includes(row)).map(({ id }) => id)
    const opened = opening.move()
    const dispose = () => opened.disposeAsync()
    return { outbox, folder, good, bad, [Symbol.asyncDispose]: dispose }
  }

  test('killed at every point in turn, it appends every row once', async () => {
    await using test = await prepared()
    for (const point of POINTS) {
      await read(test.outbox, test.folder, [point, 1])
      await read(test.outbox, test.folder, [point, 2])
    }
    await read(test.outbox, test.folder)
    expect(await storedIds(test.folder)).toEqual(test.good)
    const rejected = await test.outbox.sql<{ id: string }>(
      'SELECT id FROM freshet_outbox_rejected ORDER BY id',
    )
    expect(rejected).toEqual(test.bad.map(({ id }) => ({ id })))
  }, 120_000)

  test('without the intent the same crash repeats a chunk, under the same event ids', async () => {
    await using test = await prepared()
    await read(test.outbox, test.folder, ['after-append', 2])
    await test.outbox.sql('UPDATE freshet_outbox_position SET intent = NULL')
    await read(test.outbox, test.folder)
    const ids = await storedIds(test.folder)
    expect(new Set(ids)).toEqual(new Set(test.good))
    expect(ids.length - test.good.length).toBeGreaterThan(5)
  }, 60_000)

  test('a reader that is suspended loses the lock, and knows when it continues', async () => {
    await using outbox = await createOutbox(server)
    const [version] = await outbox.sql<{ number: string }>(
      `SELECT current_setting('server_version_num') AS number`,
    )
    // PostgreSQL 13 has no idle_session_timeout: there the lock is held until the process ends.
    if (Number(version?.number) < 140_000) return
    const holder = start(HOLDER, [outbox.url, '1000'])
    const ended = once(holder, 'exit')
    await until(() => isHeld(outbox))
    await using session = await OutboxSession.open({ url: outbox.url, clock: systemClock })
    await setTimeout(2_000)
    expect(await session.tryLock()).toBe(false)
    holder.kill('SIGSTOP')
    await until(() => session.tryLock())
    holder.kill('SIGCONT')
    expect(await ended).toEqual([0, null])
  })

  test('it reads on when the server ends its session, and when it was away for a while', async () => {
    await using outbox = await createOutbox(server)
    await using log = await openTestLog()
    await using proxy = await startProxy(new URL(outbox.url))
    await using _reader = startReader({ url: proxy.url }, log)
    const sent: string[] = []
    const send = async () => {
      const rows = Array.from({ length: 20 }, () => viewRow('ann'))
      await outbox.insert(rows)
      sent.push(...rows.map(({ id }) => id))
    }
    await send()
    await log.storedAtLeast(sent.length)
    await outbox.sql(`SELECT pg_terminate_backend(pid) FROM pg_locks
      WHERE locktype = 'advisory' AND objid = 'outbox'::regclass::oid`)
    await send()
    await log.storedAtLeast(sent.length)
    await proxy.down()
    await send()
    await setTimeout(1_000)
    await proxy.up()
    await send()
    const ids = (await log.storedAtLeast(sent.length)).map(({ event_id }) => event_id)
    expect(ids).toEqual(sent)
  })
})

/** Stands between a reader and its server; when it is down connections break and new ones are refused. */
async function startProxy(target: URL) {
  const sockets = new Set<Socket>()
  const server: Server = createServer((near) => {
    const far = new Socket().connect(Number(target.port || 5432), target.hostname)
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      from.pipe(to)
      from.on('error', () => {})
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
    }
  })
  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  }
  await listen(0)
  const address = server.address()
  const port = address !== null && typeof address === 'object' ? address.port : 0
  const url = new URL(target)
  url.host = `127.0.0.1:${port}`
  const down = async () => {
    const closed = once(server, 'close')
    server.close()
    for (const socket of sockets) socket.destroy()
    await closed
  }
  return { url: url.href, down, up: () => listen(port), [Symbol.asyncDispose]: down }
}
