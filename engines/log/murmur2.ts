const SEED = 0x9747b28c
const M = 0x5bd1e995
const R = 24

/** MurmurHash2, 32 bits signed, with the seed that Kafka's Java client uses (`Utils.murmur2`). */
export function murmur2(bytes: Uint8Array): number {
  const tail = bytes.length & ~3
  let hash = SEED ^ bytes.length
  for (let i = 0; i < tail; i += 4) {
    let word = Math.imul(littleEndian(bytes, i, i + 4), M)
    word ^= word >>> R
    hash = Math.imul(hash, M) ^ Math.imul(word, M)
  }
  if (tail < bytes.length) hash = Math.imul(hash ^ littleEndian(bytes, tail, bytes.length), M)
  hash = Math.imul(hash ^ (hash >>> 13), M)
  return hash ^ (hash >>> 15)
}

function littleEndian(bytes: Uint8Array, start: number, end: number): number {
  let word = 0
  for (let i = end - 1; i >= start; i--) word = (word << 8) | (bytes[i] ?? 0)
  return word
}

/** The partition of a keyed record: the hash of its UTF-8 key, sign bit cleared, modulo the partitions. */
export function partitionOf(key: Uint8Array, partitions: number): number {
  return (murmur2(key) & 0x7fffffff) % partitions
}
