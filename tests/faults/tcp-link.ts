import { once } from 'node:events'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Toxic, ToxicType } from './toxics.ts'

/** More than this in the hands of the proxy, and the sender has to wait. */
const IN_FLIGHT_BYTES_MAX = 1024 * 1024
const HOLE_POLL_MS = 10

interface LinkOptions {
  readonly from: Socket
  readonly to: Socket
  /** What is wrong at the moment. */
  readonly toxics: () => readonly Toxic[]
  /** Between 0 and 1. */
  readonly random: () => number
}

/** Carries one direction of a connection through whatever is wrong with it. Resolves when it has ended. */
export async function runLink({ from, to, toxics, random }: LinkOptions): Promise<void> {
  const passed = new Map<Toxic, number>()
  for await (const { chunk, at } of arrivals(from)) {
    for (const piece of slices(chunk, toxics, random)) {
      await late(toxics, at, random)
      const kill = find(toxics, 'reset_peer')
      if (kill) return reset(from, to, kill.timeout)
      const hole = find(toxics, 'timeout')
      if (hole) {
        if (hole.timeout > 0) void sleep(hole.timeout).then(() => destroy(from, to))
        continue
      }
      const limit = find(toxics, 'limit_data')
      const room = limit ? Math.max(0, limit.bytes - (passed.get(limit) ?? 0)) : piece.length
      if (limit) passed.set(limit, (passed.get(limit) ?? 0) + piece.length)
      if (room > 0 && !(await send(to, piece.subarray(0, room)))) return destroy(from, to)
      if (room < piece.length) return destroy(from, to)
      await paced(toxics, piece.length)
    }
  }
  await sleep(find(toxics, 'slow_close')?.delay ?? 0)
  await hidden(to, toxics)
  to.end()
}

function find<T extends ToxicType>(toxics: () => readonly Toxic[], type: T) {
  return toxics().find((toxic): toxic is Extract<Toxic, { type: T }> => toxic.type === type)
}

/** What a socket receives, and when: read ahead, so that latency delays data without thinning it. */
async function* arrivals(from: Socket): AsyncGenerator<{ chunk: Buffer; at: number }> {
  const queue: { chunk: Buffer; at: number }[] = []
  let waiting = Promise.withResolvers<void>()
  let bytes = 0
  let isOver = false
  const over = () => {
    isOver = true
    waiting.resolve()
  }
  from.once('end', over).once('close', over)
  from.on('data', (chunk: Buffer) => {
    queue.push({ chunk, at: performance.now() })
    bytes += chunk.length
    if (bytes > IN_FLIGHT_BYTES_MAX) from.pause()
    waiting.resolve()
  })
  for (;;) {
    const next = queue.shift()
    if (next) {
      yield next
      bytes -= next.chunk.length
      if (bytes <= IN_FLIGHT_BYTES_MAX) from.resume()
    } else if (isOver) return
    else {
      await waiting.promise
      waiting = Promise.withResolvers()
    }
  }
}

function* slices(chunk: Buffer, toxics: () => readonly Toxic[], random: () => number) {
  for (let start = 0; start < chunk.length; ) {
    const slicer = find(toxics, 'slicer')
    const variation = (slicer?.size_variation ?? 0) * (2 * random() - 1)
    const size = slicer ? Math.max(1, Math.round(slicer.average_size + variation)) : chunk.length
    yield chunk.subarray(start, start + size)
    start += size
  }
}

async function late(toxics: () => readonly Toxic[], at: number, random: () => number) {
  const toxic = find(toxics, 'latency')
  if (!toxic) return
  const due = at + toxic.latency + (toxic.jitter ?? 0) * (2 * random() - 1)
  await sleep(Math.max(0, due - performance.now()))
}

async function paced(toxics: () => readonly Toxic[], bytes: number): Promise<void> {
  const rate = find(toxics, 'bandwidth')?.rate
  const delay = find(toxics, 'slicer')?.delay ?? 0
  const ms = delay + (rate === undefined ? 0 : bytes / rate)
  if (ms > 0) await sleep(ms)
}

/** False when the receiver is gone. */
async function send(to: Socket, bytes: Buffer): Promise<boolean> {
  if (!to.writable) return false
  if (to.write(bytes)) return true
  // Waiting for an event rejects when the socket fails, which is what proxies under test do to it.
  await Promise.race([once(to, 'drain'), once(to, 'close')]).catch(() => undefined)
  return to.writable
}

/** The end is not heard through a hole either. */
async function hidden(to: Socket, toxics: () => readonly Toxic[]): Promise<void> {
  while (find(toxics, 'timeout') && !to.destroyed) await sleep(HOLE_POLL_MS)
}

async function reset(from: Socket, to: Socket, afterMs: number): Promise<void> {
  await sleep(afterMs)
  from.resetAndDestroy()
  to.resetAndDestroy()
}

function destroy(from: Socket, to: Socket): void {
  from.destroy()
  // What was passed on still arrives; then it is over.
  to.destroySoon()
}
