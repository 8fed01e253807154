import { refused } from '#engines/errors.ts'
import { isOlder } from '#engines/is-older.ts'
import type { QdrantCalls } from './qdrant-calls.ts'

/** Older ones ignore `update_filter` without a word, and let older points replace newer ones. */
const OLDEST = [1, 16] as const

/** Asks the server for its version before the first write, until it has given it once. */
export class QdrantVersion {
  readonly #calls: QdrantCalls
  #isFit = false

  constructor(calls: QdrantCalls) {
    this.#calls = calls
  }

  /** @throws EngineError ENGINE_REFUSED for a server that is too old */
  async check(): Promise<void> {
    if (this.#isFit) return
    const { version } = await this.#calls.answer((api, init) => api.root({}, init))
    if (isOlder(String(version), OLDEST)) {
      const words = `the vector engine calls itself Qdrant ${version}: Freshet needs ${OLDEST.join('.')} or later`
      throw refused(words)
    }
    this.#isFit = true
  }
}
