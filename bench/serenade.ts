/**
 * Checks the session neighbours against the figures published for VMIS-kNN: run it with the training and the test file of
 * the example that comes with Serenade (github.com/bolcom/serenade, release files train.txt and test.txt).
 *
 *   node bench/serenade.ts train.txt test.txt
 *
 * Prints JSON; exits 1 when a figure is below its floor.
 */
import { readFile } from 'node:fs/promises'
import {
  type NeighbourSettings,
  SessionNeighbours,
} from '#recommender/candidates/session-neighbours.ts'
import { topIndexes } from '#recommender/counting/top-indexes.ts'
import { RankingMetrics } from '#recommender/evaluation/ranking-metrics.ts'
import { Interner } from '#recommender/interner.ts'
import { SessionIndex } from '#recommender/sessions/session-index.ts'

const PUBLISHED = { recall_at_20: 0.6402, mrr_at_20: 0.3277 }
const FLOOR = { recall_at_20: 0.64, mrr_at_20: 0.326 }
const CONTEXT_ITEMS = 2
const LIST_LENGTH = 20

/** m = 500, k = 50, the last two items; its linear decays over two items, written as exponentials that agree there. */
const SERENADE: NeighbourSettings = {
  sessionsPerItem: 500,
  neighbours: 50,
  contextMoments: CONTEXT_ITEMS,
  contextDecay: 1 / Math.log(2),
  matchDecay: 1 / Math.log(0.9 / 0.8),
  distanceDecay: null,
  lengthExponent: 0,
  idf: { base: 0, weight: 1 },
}

interface Click {
  readonly session: string
  readonly item: string
  readonly time: number
}

async function readClicks(file: string): Promise<Click[]> {
  const [, ...lines] = (await readFile(file, 'utf8')).trim().split('\n')
  const clicks = lines.map((line) => {
    const [session = '', item = '', time = ''] = line.split('\t')
    return { session, item, time: Number(time) }
  })
  return clicks.sort((a, b) => a.time - b.time)
}

function train(clicks: readonly Click[], items: Interner): SessionIndex {
  const limits = { clicks: clicks.length, sessions: clicks.length, items: items.capacity }
  const index = new SessionIndex(limits)
  const sessions = new Map<string, number>()
  for (const { session: name, item, time } of clicks) {
    const session = sessions.get(name) ?? index.open()
    sessions.set(name, session)
    index.append(session, items.intern(item) ?? 0, time)
  }
  return index
}

function recommend(source: SessionNeighbours, items: Interner, seen: readonly string[]): string[] {
  const newest = seen.slice(-CONTEXT_ITEMS).toReversed()
  const context = [...new Set(newest)].map((item) => items.find(item) ?? -1)
  const candidates = source.propose({
    items: context.filter((item) => item >= 0),
    ages: context.flatMap((item, age) => (item >= 0 ? [age] : [])),
  })
  const [current] = newest
  const order = topIndexes(Float64Array.from(candidates.scores), LIST_LENGTH + 1, (a, b) => a - b)
  return order
    .map((at) => items.text(candidates.items[at] ?? 0))
    .filter((item) => item !== current)
    .slice(0, LIST_LENGTH)
}

const [trainFile, testFile] = process.argv.slice(2)
if (trainFile === undefined || testFile === undefined) {
  process.stderr.write('usage: node bench/serenade.ts TRAIN.txt TEST.txt\n')
  process.exit(2)
}
const clicks = await readClicks(trainFile)
const items = new Interner(clicks.length)
const source = new SessionNeighbours(train(clicks, items), clicks.length, SERENADE)
const metrics = new RankingMetrics()
const millis: number[] = []
for (const session of Map.groupBy(await readClicks(testFile), (click) => click.session).values()) {
  const seen = session.map((click) => click.item)
  for (let position = 1; position < seen.length; position++) {
    const start = performance.now()
    const list = recommend(source, items, seen.slice(0, position))
    millis.push(performance.now() - start)
    metrics.add(list, new Set([seen[position] ?? '']))
  }
}
const { recall_at_20, mrr_at_20 } = metrics.means()
millis.sort((a, b) => a - b)
const p99_ms = millis[Math.floor(millis.length * 0.99)] ?? 0
const report = { predictions: metrics.predictions, recall_at_20, mrr_at_20, p99_ms }
process.stdout.write(`${JSON.stringify({ ...report, published: PUBLISHED, floor: FLOOR })}\n`)
if (recall_at_20 < FLOOR.recall_at_20 || mrr_at_20 < FLOOR.mrr_at_20) process.exitCode = 1
