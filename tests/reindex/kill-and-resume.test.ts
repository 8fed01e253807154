import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, expect, test } from 'vitest'
import { MAIN } from '#dev/processes/freshet-process.ts'
import { openEmbeddedTables } from '#engines/tables/embedded/embedded-tables.ts'
import { loadMigrations } from '#engines/tables/migrations.ts'
import { temporaryFolder } from '#engines/temporary-folder.fixture.ts'
import { openEmbeddedVectors } from '#engines/vectors/embedded/embedded-vectors.ts'
import type { ReindexPlan } from '#items/reindex/plan.ts'
import type { ReindexReport } from '#items/reindex/reindex.ts'
import { CATALOGUE } from '#schemas/tables.ts'
import { ITEMS_TEXT } from '#schemas/vectors.ts'

const PRODUCTS = 12_000

const data = temporaryFolder()
beforeAll(async () => {
  await using tables = await openEmbeddedTables({ folder: join(data, 'tables') })
  await tables.migrate(await loadMigrations(new URL('../../schemas/tables/', import.meta.url)))
  const rows = Array.from({ length: PRODUCTS }, (_, i) => {
    const text = {
      product_id: `p${i}`,
      title: `Garden spade number ${i}`,
      description: 'steel '.repeat(20),
    }
    const price = { price_minor: i, currency: 'GBP', stock: null }
    return {
      ...text,
      ...price,
      category: ['garden'],
      brand: '',
      image_url: '',
      updated_at: 0,
      removed: 0,
      ver: i,
    }
  })
  await tables.insert(CATALOGUE, rows)
})

function freshetReindex(...options: readonly string[]): ChildProcess {
  return spawn(process.execPath, [MAIN, 'reindex', '--data', data, '--json', ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

async function resultOf(child: ChildProcess): Promise<unknown> {
  let text = ''
  child.stdout?.on('data', (piece) => (text += String(piece)))
  const [code] = (await once(child, 'close')) as [number | null]
  expect(code).toBe(0)
  return JSON.parse(text)
}

/** Bytes of vectors that are on the disk. */
async function stored(): Promise<number> {
  const sizes = ['vectors.sqlite', 'vectors.sqlite-wal'].map((name) =>
    stat(join(data, 'vectors', name)).then(
      ({ size }) => size,
      () => 0,
    ),
  )
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size)
}

test('killed with SIGKILL in the middle, the command goes on where it was', async () => {
  const first = freshetReindex()
  const died = once(first, 'close')
  while ((await stored()) < 1_500_000) await sleep(2)
  first.kill('SIGKILL')
  expect((await died)[1]).toBe('SIGKILL')

  const plan = (await resultOf(freshetReindex('--dry-run'))) as ReindexPlan
  expect(plan.resumes).toBe(true)
  expect(plan.filled).toBeGreaterThan(0)
  expect(plan.filled).toBeLessThan(PRODUCTS)

  const report = (await resultOf(freshetReindex())) as ReindexReport
  expect(report).toMatchObject({ resumed: true, swapped: true, products: PRODUCTS })
  expect(report.embedded).toBe(PRODUCTS - plan.filled)
  expect(report.verification).toMatchObject({ points: PRODUCTS, failures: [] })
  await using vectors = await openEmbeddedVectors({ folder: join(data, 'vectors') })
  expect(await vectors.count(ITEMS_TEXT)).toBe(PRODUCTS)
})
