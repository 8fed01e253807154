import { describe, expect, test } from 'vitest'
import type { DatasetRow } from '#datasets/dataset-row.ts'
import { type Contender, servedAlone, servedRecommender } from './contender.ts'
import { evaluationReport, inWords } from './evaluation-report.ts'
import { evaluateNextItem } from './next-item-protocol.ts'
import { popularityBaseline } from './popularity-baseline.ts'

const LIMITS = {
  items: 50,
  people: 50,
  purchases: 500,
  clicks: 500,
  sessions: 50,
  openSessions: 50,
}

/** `10 s1 a` is a view of a in session s1 at 10 ms. */
function rowsOf(text: string): DatasetRow[] {
  return text
    .trim()
    .split('\n')
    .map((line, index) => {
      const [ts = '', sessionId = '', itemId = '', type = 'view', eventId = `e${index}`] = line
        .trim()
        .split(' ')
      return {
        eventId,
        type: type as DatasetRow['type'],
        userId: null,
        sessionId,
        itemId,
        ts: Number(ts),
        price: null,
        quantity: null,
        value: null,
        file: 'rows.csv',
        line: index + 2,
      }
    })
}

async function* stream(rows: readonly DatasetRow[]): AsyncGenerator<DatasetRow> {
  yield* rows
}

const ROWS = rowsOf(`
  1 s1 a
  2 s1 b
  3 s2 a
  4 s2 b
  5 s3 c
  10 s4 a
  11 s4 b
  12 s4 c purchase
  12 s4 d purchase
  13 s5 d
  14 s5 d
  15 s5 c
  20 s6 a
  21 s6 b
`)

async function run(
  rows: readonly DatasetRow[],
  { frozen = false, contender = popularityBaseline() } = {},
) {
  const asked: string[] = []
  const spy: Contender = {
    learn: (event) => contender.learn(event),
    async recommend(productIds, limit) {
      const list = await contender.recommend(productIds, limit)
      asked.push(`${productIds.join('')}: ${list.join('')}`)
      return list
    },
  }
  const result = await evaluateNextItem({
    rows: stream(rows),
    contenders: { it: spy },
    from: 10,
    to: 20,
    frozen,
  })
  return { asked, result, report: evaluationReport('P1', result, 'it') }
}

describe('next item', () => {
  // Popularity up to 10: a 2, b 2, c 1; equal counts in the order of their first event.
  test('predicts each event of a session but the first, then learns it', async () => {
    const { asked, result } = await run(ROWS)
    // s4: b after a; c after ab; d is new to everybody; s5: d after d is the current one; c after d, d.
    expect(asked).toEqual(['a: bc', 'ab: ac', 'dd: abc'])
    expect(result.predictions).toBe(3)
    expect(result.itemsKnown).toBe(4)
  })

  test('its figures are those worked out by hand', async () => {
    const { report } = await run(ROWS)
    // Ranks of the targets: b 1, c 2, c 3.
    expect(report).toMatchObject({
      protocol: 'P1',
      predictions: 3,
      metrics: {
        hr_at_10: 1,
        ndcg_at_10: 0.71031,
        mrr_at_20: 0.61111,
        recall_at_20: 1,
        coverage_at_20: 0.75,
      },
      baselines: {},
    })
    expect((1 + 1 / Math.log2(3) + 1 / 2) / 3).toBeCloseTo(0.71031)
    expect(inWords(report)).toContain('3 predictions')
  })

  test('frozen, nothing is learned from the first prediction on', async () => {
    const { asked, result } = await run(ROWS, { frozen: true })
    // The lists stay those of before 10, though the sessions go on.
    expect(asked).toEqual(['a: bc', 'ab: ac', 'dd: abc'])
    expect(result.itemsKnown).toBe(3)
    expect(result.results.get('it')?.learnedEvents).toBe(5)
  })

  test('duplicates change nothing', async () => {
    const doubled = ROWS.flatMap((row) => [row, row])
    for (const contender of [popularityBaseline, () => servedRecommender(undefined, LIMITS)]) {
      const once = await run(ROWS, { contender: contender() })
      const twice = await run(doubled, { contender: contender() })
      expect(twice.asked).toEqual(once.asked)
      expect(twice.report.metrics).toEqual(once.report.metrics)
    }
  })

  test('rows out of order are refused with their line', async () => {
    await expect(run(rowsOf('5 s1 a\n4 s1 b'))).rejects.toThrow('rows.csv, line 3: ts goes back')
  })

  test('what is served learns from sessions: it beats popularity where order matters', async () => {
    const rows: string[] = []
    for (let visit = 0; visit < 60; visit++) {
      const [first, next] = [`x${visit % 12}`, `y${visit % 12}`]
      rows.push(`${visit / 10} s${visit} ${first}`, `${visit / 10} s${visit} ${next}`)
    }
    for (let visit = 60; visit < 100; visit++)
      rows.push(`${visit / 6} s${visit} x${visit % 12}`, `${visit / 6} s${visit} y${visit % 12}`)
    const result = await evaluateNextItem({
      rows: stream(rowsOf(rows.join('\n'))),
      contenders: {
        served: servedRecommender(undefined, LIMITS),
        neighbours: servedAlone('session', LIMITS),
        popularity: popularityBaseline(),
      },
      from: 10,
      to: Number.POSITIVE_INFINITY,
      frozen: false,
    })
    const report = evaluationReport('P1', result, 'served')
    expect(report.predictions).toBe(40)
    expect(report.metrics.mrr_at_20).toBe(1)
    expect(report.baselines['neighbours']?.mrr_at_20).toBe(1)
    expect(report.baselines['popularity']?.mrr_at_20).toBeLessThan(0.5)
  })
})
