import { LRUCache } from 'lru-cache'
import type { Logger } from 'pino'
import { z } from 'zod'
import { EngineError, refused } from '#engines/errors.ts'
import { COMPATIBILITY } from '#schemas/incompatibility.ts'
import { parseSchema } from '../parse-schema.ts'
import type { Registry } from '../port.ts'
import { openRegistryApi, type RegistryApi } from './registry-api.ts'
import { failureOf, registryError } from './registry-error.ts'
import { parseRegistryUrl } from './registry-url.ts'

export const REGISTRY_TIMEOUT_MS = 5_000
/** How long an id that the registry did not know is not asked for again. */
export const UNKNOWN_KEPT_MS = 1_000
/** Schemas that are kept in memory; a schema never changes, so those stay. */
const SCHEMAS_KEPT = 10_000
/** Other processes may set the compatibility of a new subject at the same moment. */
const COMPATIBILITY_ATTEMPTS = 5

/** An operator may have asked for more. */
const SUFFICIENT = [COMPATIBILITY, 'FULL_TRANSITIVE']

const Registered = z.object({ id: z.int() })
const Found = z.object({ schema: z.string() })
const Compatibility = z.object({ compatibilityLevel: z.string() })

export interface ConfluentRegistryOptions {
  /** `http(s)://[user:password@]host:port/apis/ccompat/v7[?ca=FILE]` */
  readonly url: string
  readonly logger: Logger
  readonly timeoutMs?: number
}

/**
 * Opens a registry with the Confluent API: Apicurio, Karapace, Confluent's own. It is not connected to yet.
 * @throws EngineError ENGINE_REFUSED when the URL cannot be used
 */
export async function openConfluentRegistry({
  url,
  logger,
  timeoutMs = REGISTRY_TIMEOUT_MS,
}: ConfluentRegistryOptions): Promise<Registry> {
  const address = parseRegistryUrl(url)
  return new ConfluentRegistry(address.base, openRegistryApi(address, timeoutMs), logger)
}

class ConfluentRegistry implements Registry {
  readonly #base: string
  readonly #api: RegistryApi
  readonly #logger: Logger
  /** By id, requests in flight included: a partition full of one unknown id costs a request a second, not one per record. */
  readonly #schemas = new LRUCache<number, Promise<string>>({
    max: SCHEMAS_KEPT,
    ttlResolution: 0,
  })

  constructor(base: string, api: RegistryApi, logger: Logger) {
    this.#base = base
    this.#api = api
    this.#logger = logger
  }

  async register(subject: string, schema: string): Promise<number> {
    parseSchema(schema)
    // Some registries give the same schema, formatted differently, another id.
    const body = { schema: JSON.stringify(JSON.parse(schema)) }
    const doing = `register a schema of ${subject}`
    await this.#requireCompatibility(subject, doing)
    const { id } = await this.#ask(doing, Registered, () =>
      this.#api.Subject.register({ subject, body }).catch((error: unknown) => {
        throw failureOf(error)?.status === 409 ? incompatible(subject, error) : error
      }),
    )
    return id
  }

  byId(id: number): Promise<string> {
    const kept = this.#schemas.get(id)
    if (kept !== undefined) return kept
    const asked = this.#find(id)
    this.#schemas.set(id, asked)
    asked.catch((error: unknown) => {
      const isUnknown = error instanceof EngineError && error.code === 'UNKNOWN_SCHEMA'
      if (isUnknown) this.#schemas.set(id, asked, { ttl: UNKNOWN_KEPT_MS })
      else this.#schemas.delete(id)
    })
    return asked
  }

  async ping(): Promise<void> {
    await this.#ask('ask for its subjects', z.array(z.string()), () => this.#api.Subject.all({}))
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  async #find(id: number): Promise<string> {
    const doing = `fetch schema ${id}`
    const { schema } = await this.#ask(doing, Found, () =>
      this.#api.Schema.find({ id }).catch((error: unknown) => {
        const failure = failureOf(error)
        throw failure?.status === 404 && failure.isFromRegistry ? unknown(id, this.#base) : error
      }),
    )
    return schema
  }

  /**
   * Before the first version, so that no version is ever checked by another rule, and so that processes that register a
   * new subject at the same time do not conflict.
   */
  async #requireCompatibility(subject: string, doing: string): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const level = await this.#compatibilityOf(subject, doing)
      if (SUFFICIENT.includes(level)) return
      try {
        await this.#api.Subject.updateConfig({ subject, body: { compatibility: COMPATIBILITY } })
        this.#logger.info({ subject, was: level, is: COMPATIBILITY }, 'compatibility is set')
        return
      } catch (error) {
        const isSetByAnother = failureOf(error)?.status === 409
        if (isSetByAnother && attempt < COMPATIBILITY_ATTEMPTS) continue
        throw registryError(error, this.#base, doing)
      }
    }
  }

  async #compatibilityOf(subject: string, doing: string): Promise<string> {
    const { compatibilityLevel } = await this.#ask(doing, Compatibility, () =>
      this.#api.Subject.config({ subject }).catch((error: unknown) => {
        const failure = failureOf(error)
        if (failure?.status !== 404 || !failure.isFromRegistry) throw error
        return { data: () => ({ compatibilityLevel: 'none of its own' }) }
      }),
    )
    return compatibilityLevel
  }

  async #ask<T>(
    doing: string,
    shape: z.ZodType<T>,
    call: () => Promise<{ data(): unknown }>,
  ): Promise<T> {
    let answer: unknown
    try {
      answer = (await call()).data()
    } catch (error) {
      throw registryError(error, this.#base, doing)
    }
    const parsed = shape.safeParse(answer)
    if (parsed.success) return parsed.data
    throw refused(
      `cannot ${doing}: ${this.#base} does not answer like a schema registry; its URL has to lead to a Confluent API, such as http://host:8085/apis/ccompat/v7`,
      { cause: parsed.error },
    )
  }
}

function incompatible(subject: string, error: unknown): EngineError {
  return new EngineError(
    'INCOMPATIBLE_SCHEMA',
    `the new schema of ${subject} cannot read what an earlier version wrote: ${failureOf(error)?.words}; give added fields a default and keep the types of the others`,
    { cause: error },
  )
}

function unknown(id: number, base: string): EngineError {
  return new EngineError(
    'UNKNOWN_SCHEMA',
    `the registry ${base} has no schema ${id}; register it, or point to the registry that its writer used`,
  )
}
