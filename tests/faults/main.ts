import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

// Before chDB is imported: each running SQL statement holds a thread of this pool.
process.env['UV_THREADPOOL_SIZE'] ??= '16'
const { faultRun } = await import('./fault-run.ts')
const { drainFlaws, faultFlaws } = await import('./fault-flaws.ts')

/** `npm run faults -- --rounds 30 [--seed N] [--at-least-once]`: progress on standard error, the summary on standard output. */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '30' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    'fault-ms': { type: 'string', default: '4000' },
    'outage-ms': { type: 'string', default: '20000' },
    'at-least-once': { type: 'boolean', default: false },
  },
})
const seed = Number(values.seed)
const rounds = Number(values.rounds)
const folder = await mkdtemp(join(tmpdir(), 'freshet-faults-'))
process.stderr.write(`seed ${seed}, folder ${folder}\n`)
const summary = await faultRun({
  seed,
  rounds,
  delivery: values['at-least-once'] ? 'at-least-once' : 'exactly-once',
  folder,
  faultMsMax: Number(values['fault-ms']),
  outageMs: Number(values['outage-ms']),
  onProgress: ({ target, name, ms }, done) =>
    process.stderr.write(`${done}/${rounds} ${target} ${name} for ${ms} ms\n`),
})
process.stdout.write(`${JSON.stringify(summary, undefined, 2)}\n`)
const flaws = [...faultFlaws(summary), ...drainFlaws(summary)]
if (flaws.length === 0) await rm(folder, { recursive: true })
else {
  process.stderr.write(`${flaws.join('\n')}\nthe folder is kept: ${folder}\n`)
  process.exitCode = 1
}
