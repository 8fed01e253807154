import { join, resolve } from 'node:path'
import { z } from 'zod'

/** Refused settings: the message names the key and what to do. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

/** A setting of the environment that cannot be understood: wrong usage, like a wrong option. */
export class SettingError extends ConfigError {}

const embeddedUrl = z
  .string()
  .regex(/^embedded:/, 'must start with embedded: (this version runs its engines in the process)')
  .optional()

const wholeNumber = (min: number) => {
  const error = `must be a whole number from ${min} up`
  return z.coerce.number({ error }).int(error).min(min, error)
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

/** The environment, as far as Freshet reads it. Everything has a default; an empty value counts as unset. */
const Environment = z.object({
  LOG_URL: embeddedUrl,
  TABLES_URL: embeddedUrl,
  VECTORS_URL: embeddedUrl,
  REGISTRY_URL: embeddedUrl,
  CACHE_URL: embeddedUrl,
  EMBEDDING_MODEL: z.string().default('static-minilm-128'),
  MODEL_FOLDER: z.string().default(join(import.meta.dirname, '..', 'models')),
  TABLES_MEMORY_BYTES_MAX: wholeNumber(256_000_000).default(1_500_000_000),
  CACHE_ENTRIES_MAX: wholeNumber(1).default(100_000),
  LOG_LEVEL: z
    .enum(LOG_LEVELS, { error: `must be one of ${LOG_LEVELS.join(', ')}` })
    .default('warn'),
})

export interface Config {
  readonly host: string
  readonly port: number
  readonly dataFolder: string
  /** Where each engine keeps its files. */
  readonly folders: {
    readonly log: string
    readonly tables: string
    readonly vectors: string
    readonly registry: string
    readonly snapshots: string
  }
  readonly model: { readonly name: string; readonly folder: string }
  readonly tablesMemoryBytesMax: number
  readonly cacheEntriesMax: number
  readonly logLevel: z.output<typeof Environment>['LOG_LEVEL']
}

/** Where the process is told to listen and to keep its state. */
export interface Placement {
  readonly host: string
  readonly port: number
  readonly data: string
}

/** Reads the environment once. @throws SettingError naming each key that cannot be used */
export function loadConfig(
  placement: Placement,
  environment: NodeJS.ProcessEnv = process.env,
): Config {
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''))
  const parsed = Environment.safeParse(set)
  if (!parsed.success) {
    const wrong = parsed.error.issues.map(({ path: [key = ''], message }) => {
      return `${String(key)}=${set[String(key)]} ${message}`
    })
    throw new SettingError(`${wrong.join('; ')}. Correct it in the environment, or unset it`)
  }
  const dataFolder = resolve(placement.data)
  const env = parsed.data
  const at = (url: string | undefined, name: string) =>
    url === undefined || url === 'embedded:'
      ? join(dataFolder, name)
      : resolve(url.slice('embedded:'.length))
  return Object.freeze({
    host: placement.host,
    port: placement.port,
    dataFolder,
    folders: {
      log: at(env.LOG_URL, 'log'),
      tables: at(env.TABLES_URL, 'tables'),
      vectors: at(env.VECTORS_URL, 'vectors'),
      registry: at(env.REGISTRY_URL, 'registry'),
      snapshots: join(dataFolder, 'snapshots'),
    },
    model: { name: env.EMBEDDING_MODEL, folder: env.MODEL_FOLDER },
    tablesMemoryBytesMax: env.TABLES_MEMORY_BYTES_MAX,
    cacheEntriesMax: env.CACHE_ENTRIES_MAX,
    logLevel: env.LOG_LEVEL,
  })
}
