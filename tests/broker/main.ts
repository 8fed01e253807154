import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { brokerFlaws, standstillFlaws } from './broker-flaws.ts'
import { brokerRun } from './broker-run.ts'

/** `npm run broker -- --rounds 20 [--seed N] [--brokers 3]`: progress on standard error, the summary on standard output. */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '20' },
    brokers: { type: 'string', default: '1' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
})
const rounds = Number(values.rounds)
const seed = Number(values.seed)
const folder = await mkdtemp(join(tmpdir(), 'freshet-broker-'))
process.stderr.write(`seed ${seed}, folder ${folder}\n`)
let done = 0
const summary = await brokerRun({
  rounds,
  seed,
  folder,
  brokers: Number(values.brokers),
  onProgress({ incident, recovered_ms, standstill_ms }) {
    done += 1
    process.stderr.write(
      `${done}/${rounds} ${incident}: processed after ${recovered_ms} ms, standstill ${standstill_ms} ms\n`,
    )
  },
})
process.stdout.write(`${JSON.stringify(summary, undefined, 2)}\n`)
const flaws = [...brokerFlaws(summary), ...standstillFlaws(summary)]
if (flaws.length === 0) await rm(folder, { recursive: true })
else {
  process.stderr.write(`${flaws.join('\n')}\nthe folder is kept: ${folder}\n`)
  process.exitCode = 1
}
