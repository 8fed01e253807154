import { once } from 'node:events'
import { systemClock } from '#engines/clock/system-clock.ts'
import { OutboxSession } from '#ingest/outbox/outbox-session.ts'

const [url = '', silenceMs = ''] = process.argv.slice(2)

// For a test: holds the lock of an outbox, and ends when it learns that the lock is gone.
await using session = await OutboxSession.open({
  url,
  clock: systemClock,
  silenceMs: Number(silenceMs),
})
await session.tryLock()
await once(session.lost, 'abort')
