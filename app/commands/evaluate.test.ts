import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { outputOf } from '#app/output.fixture.ts'
import type { EvaluationReport } from '#recommender/evaluation/evaluation-report.ts'
import { evaluateCommand } from './evaluate.ts'

const HEADER = 'event_id,type,user_id,session_id,item_id,ts,price,quantity,value\n'
let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'freshet-evaluate-'))
  const row = (id: number, session: string, item: string, day: number) =>
    `e${id},view,,${session},${item},2021-02-${day}T00:00:0${id}.000Z,12.345,,\n`
  await writeFile(join(folder, 'one.csv'), HEADER + row(1, 's1', 'a', 10) + row(4, 's2', 'a', 20))
  await writeFile(join(folder, 'two.csv'), HEADER + row(2, 's1', 'b', 10) + row(5, 's2', 'b', 20))
  await writeFile(join(folder, 'products.csv'), 'item_id,title,category,price\na,A,x.y,1.999\n')
})
afterAll(() => rm(folder, { recursive: true }))

/** Runs the command; resolves with what it wrote and how it failed, if it did. */
async function run(...parameters: string[]) {
  let failure: unknown
  const output = await outputOf(async () => {
    const command = evaluateCommand().exitOverride()
    await command.parseAsync(parameters, { from: 'user' }).catch((error: unknown) => {
      failure = error
    })
  })
  return { out: output.stdout, err: output.stderr, failure, exitCode: output.exitCode }
}

const EVENTS = () => ['one', 'two'].flatMap((name) => ['--events', join(folder, `${name}.csv`)])

test('reads several files as one and prints the report with exactly the agreed keys', async () => {
  const catalogue = join(folder, 'products.csv')
  const { out } = await run('--protocol', 'P1', ...EVENTS(), '--catalogue', catalogue, '--json')
  const report = JSON.parse(out) as EvaluationReport
  expect(report).toEqual({
    protocol: 'P1',
    predictions: 1,
    metrics: { hr_at_10: 1, ndcg_at_10: 1, mrr_at_20: 1, recall_at_20: 1, coverage_at_20: 0.5 },
    baselines: {
      popularity: report.baselines['popularity'],
      session_knn: report.baselines['session_knn'],
    },
    standard_error: { hr_at_10: 0, ndcg_at_10: 0, mrr_at_20: 0, recall_at_20: 0 },
    learn_us_per_event: expect.any(Number),
    recommend_ms: { p50: expect.any(Number), p99: expect.any(Number) },
  })
})

test('prints a table for people without --json', async () => {
  const { out } = await run('--protocol', 'P1', ...EVENTS(), '--from', '2021-02-11', '--frozen')
  expect(out).toContain('protocol P1: 1 predictions')
  expect(out).toMatch(/freshet +1\.0000/)
})

test('a window without predictions and a missing file fail with a sentence', async () => {
  const late = await run('--protocol', 'P1', ...EVENTS(), '--from', '2022-01-01')
  expect(late.exitCode).toBe(1)
  expect(late.err).toContain('name another time with --from')
  const missing = await run('--protocol', 'P1', '--events', join(folder, 'none.csv'))
  expect(missing.exitCode).toBe(1)
  expect(missing.err).toContain('there is no such file')
})

test.each([
  [['--protocol', 'P9', '--events', 'x'], 'Allowed choices are P1'],
  [['--protocol', 'P1'], '--events'],
  [['--events', 'x'], '--protocol'],
  [['--protocol', 'P1', '--events', 'x', '--from', 'soon'], 'It must be a date'],
  [['--protocol', 'P1', '--events', 'x', '--to', '2020-01-01'], '--to must be later'],
])('wrong usage is refused: %j', async (parameters, message) => {
  const { failure, err } = await run(...parameters)
  expect(failure).toBeInstanceOf(Error)
  expect(err).toContain(message)
})
