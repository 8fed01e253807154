import { setImmediate as nextTurn } from 'node:timers/promises'
import { closed } from '#engines/errors.ts'
import type { TextModel } from '#engines/models/port.ts'
import { unitLength } from '#engines/models/unit-length.ts'

const GRAM_SIZES = [3, 4]
/** Texts between two yields to the event loop: some 2 ms. */
const TEXTS_PER_TURN = 32
const FNV_OFFSET_BASIS = 0x811c9dc5
const FNV_PRIME = 0x01000193

export interface HashingModelOptions {
  readonly dimensions?: number
  /** Version of the caller's text template, the last part of the space. */
  readonly template?: number
}

/**
 * A text model for tests that needs no files. Words and their character 3- and 4-grams, hashed (signed feature hashing,
 * Weinberger et al. 2009, with FNV-1a): texts are near when they share spelling, synonyms are not.
 */
export async function openHashingModel(options: HashingModelOptions = {}): Promise<TextModel> {
  const { dimensions = 384, template = 1 } = options
  let isClosed = false
  return {
    space: `hash-ngram.v1.fp32.d${dimensions}.t${template}`,
    dimensions,
    async embed(texts, signal) {
      const vectors: Float32Array[] = []
      for (const text of texts) {
        if (vectors.length > 0 && vectors.length % TEXTS_PER_TURN === 0) await nextTurn()
        signal?.throwIfAborted()
        if (isClosed) throw closed('the text model is closed')
        vectors.push(hashedText(text, dimensions))
      }
      return vectors
    },
    async [Symbol.asyncDispose]() {
      isClosed = true
    },
  }
}

function hashedText(text: string, dimensions: number): Float32Array {
  const vector = new Float32Array(dimensions)
  const words =
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{M}\p{N}]+/gu) ?? []
  for (const word of words) {
    // Marks at both ends distinguish a whole word and its edges from the same letters within another.
    const marked = `<${word}>`
    addFeature(vector, marked, 0, marked.length)
    for (const size of GRAM_SIZES) {
      for (let end = size; end <= marked.length; end++) addFeature(vector, marked, end - size, end)
    }
  }
  return unitLength(vector)
}

function addFeature(vector: Float32Array, text: string, start: number, end: number): void {
  const hash = fnv1a(text, start, end)
  // The low bits of FNV are its weakest: fold the high half in, and take the sign from the top.
  const index = ((hash >>> 16) ^ (hash & 0xffff)) % vector.length
  vector[index] = (vector[index] ?? 0) + (hash >>> 31 === 0 ? 1 : -1)
}

/** 32-bit FNV-1a (draft-eastlake-fnv) over the UTF-16 code units, low byte first. */
function fnv1a(text: string, start: number, end: number): number {
  let hash = FNV_OFFSET_BASIS
  for (let i = start; i < end; i++) {
    const unit = text.charCodeAt(i)
    hash = Math.imul(hash ^ (unit & 0xff), FNV_PRIME)
    hash = Math.imul(hash ^ (unit >>> 8), FNV_PRIME)
  }
  return hash >>> 0
}
