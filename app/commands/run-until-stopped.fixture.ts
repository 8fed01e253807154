/** A process that works until it is stopped, as the scenario in its first argument says. Writes what happens, a line each. */
import { setTimeout } from 'node:timers/promises'
import { runUntilStopped } from './run-until-stopped.ts'

const [, , scenario] = process.argv
const say = (line: string) => process.stdout.write(`${line}\n`)
const forever = new Promise<never>(() => {})
// Something has to keep the process alive, as its server does.
const alive = setInterval(() => undefined, 1_000)

await runUntilStopped(
  async () => {
    if (scenario === 'never-starts') await forever
    return {
      failed:
        scenario === 'fails'
          ? setTimeout(50).then(() => Promise.reject(new Error('broken')))
          : forever,
      announceStop() {},
      async [Symbol.asyncDispose]() {
        say('draining')
        await (scenario === 'never-drains' ? forever : setTimeout(200))
        say('drained')
      },
    }
  },
  async (_running, signal) => {
    say('working')
    if (scenario === 'work-fails') throw new Error('no work')
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
  },
).catch((error: Error) => {
  say(`failed: ${error.message}`)
  process.exitCode = 1
})
clearInterval(alive)
