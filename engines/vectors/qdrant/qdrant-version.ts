import { refused } from '#engines/errors.ts'
import { isOlder } from '#engines/is-older.ts'
import type { QdrantCalls } from './qdrant-calls.ts'

/** Earlier versions silently ignore `update_filter`, so that older points would replace newer ones. */
const OLDEST = [1, 16] as const

/** Checks the server's version before the first write; once it has passed, not again. */
export class QdrantVersion {
  readonly #calls: QdrantCalls
  #isSupported = false

  constructor(calls: QdrantCalls) {
    this.#calls = calls
  }

  /** @throws EngineError ENGINE_REFUSED for a server that is too old */
  async check(): Promise<void> {
    if (this.#isSupported) return
    const { version } = await this.#calls.answer((api, init) => api.root({}, init))
    if (isOlder(String(version), OLDEST)) {
      const words = `the vector engine is Qdrant ${version}: Freshet needs ${OLDEST.join('.')} or later`
      throw refused(words)
    }
    this.#isSupported = true
  }
}
