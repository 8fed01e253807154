/** Avro schemas by number, as in the Confluent schema registry. Ids may have gaps; the same schema keeps its id. */
export interface Registry extends AsyncDisposable {
  /**
   * Registers a schema (Avro JSON) under a subject and resolves with its id. Safe to repeat: the same schema gets the
   * same id.
   * @throws EngineError INCOMPATIBLE_SCHEMA when it cannot read what an earlier version of the subject wrote
   *   (BACKWARD_TRANSITIVE), ENGINE_REFUSED when it is no Avro schema, ENGINE_UNAVAILABLE
   */
  register(subject: string, schema: string): Promise<number>

  /**
   * The schema with this id, which never changes: once read, it is cached.
   * @throws EngineError UNKNOWN_SCHEMA (may appear later: retriable), ENGINE_UNAVAILABLE
   */
  byId(id: number): Promise<string>

  ping(): Promise<void>
}
