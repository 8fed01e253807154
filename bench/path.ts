/**
 * How fast and how fresh the whole path is: `npm run bench:path [-- --events 400000 --rounds 3 --json]`.
 *
 * Speed is events per CPU second of the process measured (user and system, all its threads), which a noisy neighbour
 * hardly moves; the cost of exactly-once is a ratio between rounds that take turns. Compared with baselines/path.json.
 */
import { parseArgs } from 'node:util'
import { measureFreshness } from './path/freshness.ts'
import { measureHttp } from './path/http-to-tables.ts'
import { measureLog } from './path/log-to-tables.ts'
import { measureStart } from './path/start-time.ts'
import { report } from './report.ts'

const BASELINE = new URL('./baselines/path.json', import.meta.url)

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '400000' },
    rounds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  },
})
const events = Number(values.events)
const rounds = Number(values.rounds)

const say = (text: string) => process.stderr.write(`${text}\n`)
say(`start time …`)
const start = await measureStart()
say(`log to tables, ${rounds} rounds of ${events} events, exactly-once and at-least-once in turn …`)
const log = await measureLog({ events, rounds })
say('HTTP to tables …')
const http = await measureHttp({ events: Math.round(events / 2) })
say('freshness …')
const freshness = await measureFreshness({ samples: 100 })

const result = {
  node: process.version,
  events,
  rounds,
  start,
  log_to_tables: log,
  http_to_tables: http,
  freshness,
}
if (values.json) process.stdout.write(`${JSON.stringify(result, null, 2)}\n`)
else for (const line of await report(result, BASELINE)) process.stdout.write(`${line}\n`)
