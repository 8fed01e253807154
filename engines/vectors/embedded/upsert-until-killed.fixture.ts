import { argv, stdout } from 'node:process'
import { openEmbeddedVectors } from './embedded-vectors.ts'

/** For the test of durability: stores batches until it is killed, and prints the last version of each acknowledged one. */
const [, , folder = '', first = '1'] = argv
const BATCH = 50
await using vectors = await openEmbeddedVectors({ folder })
await vectors.createCollection('items', {
  vectors: { text: { size: 16, distance: 'Dot' } },
  indexes: { brand: 'keyword' },
})
for (let version = Number(first); ; version += BATCH) {
  const points = Array.from({ length: BATCH }, (_, i) => ({
    id: `item-${(version + i) % 400}`,
    version: version + i,
    vectors: { text: new Float32Array(16).fill(version + i) },
    payload: { brand: `brand ${version + i}` },
  }))
  await vectors.upsert('items', points)
  stdout.write(`${version + BATCH - 1}\n`)
}
