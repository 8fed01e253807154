import { describe, expect, test } from 'vitest'
import { murmur2, partitionOf } from './murmur2.ts'

describe('murmur2', () => {
  // The cases of org.apache.kafka.common.utils.UtilsTest#testMurmur2.
  test.each([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ])('hashes %j as the Java client does', (key, hash) => {
    expect(murmur2(Buffer.from(key))).toBe(hash)
  })
})

describe('partitionOf', () => {
  test('clears the sign bit rather than negate', () => {
    expect(partitionOf(Buffer.from('21'), 1000)).toBe((-973932308 & 0x7fffffff) % 1000)
  })

  test('uses every partition', () => {
    const used = new Set(
      Array.from({ length: 200 }, (_, i) => partitionOf(Buffer.from(`user-${i}`), 7)),
    )
    expect([...used].toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6])
  })
})
