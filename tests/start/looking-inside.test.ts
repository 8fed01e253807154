import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { temporaryFolder } from '#engines/temporary-folder.fixture.ts'
import { ledgerOf, run, Started } from './started.ts'

const data = temporaryFolder()
let freshet: Started
let url: string

beforeAll(async () => {
  const args = ['start', '--port', '0', '--data', data, '--no-demo', '--no-simulator']
  freshet = new Started(args, { REINDEX_SCHEDULE: '0 3 1 1 *' })
  url = await freshet.ready()
  const event = { type: 'ProductViewed', event_id: 'seen', user_id: "O'Hara 🛒", product_id: 'p"1' }
  const headers = { 'Content-Type': 'application/json' }
  const answer = await fetch(`${url}/v1/events`, {
    method: 'POST',
    headers,
    body: JSON.stringify(event),
  })
  expect(answer.status).toBe(202)
  while ((await ledgerOf(url)).stored === 0) await new Promise((resolve) => setTimeout(resolve, 50))
})

afterAll(async () => {
  freshet.send('SIGTERM')
  await freshet.ended
})

interface Diagnosis {
  readonly healthy: boolean
  readonly running: boolean
  readonly findings: readonly { readonly check: string; readonly state: string }[]
}

describe('sql', () => {
  const query = "SELECT user_id, product_id FROM events WHERE event_id = 'seen'"

  test('asks the running process and prints only data on standard output', async () => {
    const { code, stdout, stderr } = await run(['sql', query, '--url', url])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(JSON.parse(stdout)).toEqual({ user_id: "O'Hara 🛒", product_id: 'p"1' })
  })

  test('speaks the formats of the engine', async () => {
    const { stdout } = await run(['sql', query, '--format', 'CSVWithNames', '--url', url])
    expect(stdout).toBe(`"user_id","product_id"\n"O'Hara 🛒","p""1"\n`)
  })

  test('cannot write', async () => {
    const { code, stdout, stderr } = await run(['sql', 'TRUNCATE TABLE raw_events', '--url', url])
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain('only SELECT')
  })

  test('says that a folder in use has to be asked through its process', async () => {
    const { code, stderr } = await run(['sql', query, '--data', data])
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /^freshet: \S+ is in use by a running Freshet; ask that with --url instead\n$/,
    )
  })
})

describe('the reindex on a schedule', () => {
  test('is in the first messages and in the metrics', async () => {
    const next = await freshet.says(/^The product vectors are made anew at (\S+)$/m)
    expect(next).toMatch(/^\d{4}-01-01T03:00:00.000Z$/)
    const metrics = await (await fetch(`${url}/metrics`)).text()
    const seconds = new Date(next).getTime() / 1_000
    expect(metrics).toContain(`freshet_reindex_next_run_timestamp_seconds ${seconds}\n`)
    expect(metrics).toContain('freshet_reindex_last_success_timestamp_seconds 0\n')
  })

  test('is shown by reindex --schedule, whether Freshet runs or not', async () => {
    const args = ['reindex', '--schedule', '--json', '--data', data]
    const { code, stdout } = await run(args)
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toEqual({
      schedule: null,
      timezone: null,
      next_runs: [],
      last_run: null,
    })
  })
})

describe('doctor', () => {
  test('finds a running Freshet healthy, by engine and by its ledger', async () => {
    const { code, stdout } = await run(['doctor', '--url', url, '--data', data, '--json'])
    const diagnosis = JSON.parse(stdout) as Diagnosis
    expect({ code, healthy: diagnosis.healthy, running: diagnosis.running }).toEqual({
      code: 0,
      healthy: true,
      running: true,
    })
    const checks = diagnosis.findings.map(({ check }) => check)
    for (const check of [
      'log',
      'tables',
      'vectors',
      'cache',
      'registry',
      'recommender',
      'ledger',
      'reindex',
    ])
      expect(checks).toContain(check)
    // Of the instance, not of a folder beside it.
    expect(checks).not.toContain('data folder')
  })

  test('looks at the folder when nothing answers, and an instance that was named has failed', async () => {
    const elsewhere = join(data, 'nothing-here')
    const { code, stderr } = await run([
      'doctor',
      '--url',
      'http://127.0.0.1:9',
      '--data',
      elsewhere,
    ])
    expect(code).toBe(1)
    expect(stderr).toMatch(/✗ instance +nothing answers at http:\/\/127\.0\.0\.1:9;/)
    expect(stderr).toMatch(/✓ text model +static-minilm-128/)
  })
})
