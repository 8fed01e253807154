import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { crashRun } from './crash-run.ts'
import { flawsOf } from './flaws-of.ts'

/** `npm run crash -- --kills 60 [--seed N] [--at-least-once]`: progress on standard error, the summary on standard output. */
const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    'at-least-once': { type: 'boolean', default: false },
  },
})
const kills = Number(values.kills)
const seed = Number(values.seed)
const folder = await mkdtemp(join(tmpdir(), 'freshet-crash-'))
process.stderr.write(`seed ${seed}, folder ${folder}\n`)
const summary = await crashRun({
  kills,
  seed,
  delivery: values['at-least-once'] ? 'at-least-once' : 'exactly-once',
  folder,
  onProgress: (done, { point, delayMs }) =>
    process.stderr.write(`${done}/${kills} killed ${point} +${delayMs} ms\n`),
})
process.stdout.write(`${JSON.stringify(summary, undefined, 2)}\n`)
const flaws = flawsOf(summary)
if (flaws.length === 0) await rm(folder, { recursive: true })
else {
  process.stderr.write(`${flaws.join('\n')}\nthe folder is kept: ${folder}\n`)
  process.exitCode = 1
}
