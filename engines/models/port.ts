/** Turns texts into vectors of one embedding space. */
export interface TextModel extends AsyncDisposable {
  /** Names everything that changes a vector: `slug.revision.dtype.dN.tN`. Vectors of two spaces are never compared. */
  readonly space: string
  readonly dimensions: number

  /**
   * One unit-length vector for each text, in order; the same text always gets the same vector, whatever other texts come with it.
   * A text of which the model knows nothing gets the first axis. Off the event loop.
   * @throws EngineError ENGINE_OVERLOADED when too many wait (retry), ENGINE_TIMEOUT
   */
  embed(texts: readonly string[], signal?: AbortSignal): Promise<readonly Float32Array[]>
}
