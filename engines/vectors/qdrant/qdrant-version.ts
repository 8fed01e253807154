import type { Logger } from 'pino'
import { EngineError } from '#engines/errors.ts'
import type { QdrantCalls } from './qdrant-calls.ts'

/** Older ones ignore `update_filter` without a word, and let older points replace newer ones. */
const OLDEST = [1, 16] as const
const TITLE = /^qdrant\b/i

/** Asks the server for its version before the first write, until it has given it once. */
export class QdrantVersion {
  readonly #calls: QdrantCalls
  readonly #logger: Logger | undefined
  #isFit = false

  constructor(calls: QdrantCalls, logger: Logger | undefined) {
    this.#calls = calls
    this.#logger = logger
  }

  /** @throws EngineError ENGINE_REFUSED for a server that is too old */
  async check(): Promise<void> {
    if (this.#isFit) return
    const { title, version } = await this.#calls.answer((api, init) => api.root({}, init))
    assertVersion(String(version))
    this.#isFit = true
    if (TITLE.test(String(title))) return
    const words = 'the vectors are in a stand-in for Qdrant, which is for development and tests'
    this.#logger?.warn({ standIn: title }, words)
  }
}

function assertVersion(version: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return
  const words = `the vector engine calls itself Qdrant ${version}: Freshet needs ${OLDEST.join('.')} or later`
  throw new EngineError('ENGINE_REFUSED', words, { retriable: false })
}
