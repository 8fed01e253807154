import { EngineError } from '#engines/errors.ts'
import type { QdrantCalls } from './qdrant-calls.ts'

/** Older ones ignore `update_filter` without a word, and let older points replace newer ones. */
const OLDEST = '1.16'

/** Asks a server for its version before the first write, until it has given it once. */
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
    const [major = Number.NaN, minor = Number.NaN] = String(version).split('.').map(Number)
    const [oldestMajor = 0, oldestMinor = 0] = OLDEST.split('.').map(Number)
    const isFit = major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)
    if (!isFit) {
      throw new EngineError(
        'ENGINE_REFUSED',
        `the vector engine calls itself Qdrant ${version}: Freshet needs ${OLDEST} or newer`,
        { retriable: false },
      )
    }
    this.#isFit = true
  }
}
