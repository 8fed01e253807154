import { join, resolve } from 'node:path'
import { validateDetailed } from 'node-cron'
import { z } from 'zod'
import { embeddedAt, isEmbedded } from '#engines/embedded-url.ts'
import { type SwitchableEngine, urlForms } from './engines/adapters.ts'
import type { ReindexTimes } from './reindex/schedule.ts'

/** Refused settings: the message names the key and what to do. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

/** A setting of the environment that cannot be understood: wrong usage, like a wrong option. */
export class SettingError extends ConfigError {}

/** Where one engine is: inside the process (the default), or the server that the URL names. */
const engineUrl = (engine: SwitchableEngine) => {
  const forms = urlForms(engine)
  const isKnown = (url: string) => forms.some((form) => url.startsWith(form))
  return z
    .string()
    .refine(isKnown, `must start with ${forms.join(' or ')}`)
    .optional()
}

const wholeNumber = (min: number, max = Number.MAX_SAFE_INTEGER) => {
  const range = max === Number.MAX_SAFE_INTEGER ? `from ${min} up` : `from ${min} to ${max}`
  const error = `must be a whole number ${range}`
  return z.coerce.number({ error }).int(error).min(min, error).max(max, error)
}

const cronExpression = z.string().check(({ value, issues }) => {
  const [wrong] = validateDetailed(value).errors
  if (wrong === undefined) return
  const message = `is no cron expression (${wrong.message}); write minute, hour, day, month and weekday, like 30 3 * * *`
  issues.push({ code: 'custom', input: value, message })
})

const timeZone = z
  .string()
  .refine(isTimeZone, 'is no time zone; write its IANA name, like Europe/London')

const isHostName = (text: string) => /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/.test(text)
/** As browsers send it: no path, and no port where it is that of the scheme. */
const isOrigin = (text: string) => /^https?:[^*]+$/.test(text) && URL.parse(text)?.origin === text

/** In lower case, as they are compared. */
const listOf = (isEntry: (text: string) => boolean, error: string) =>
  z
    .string()
    .default('')
    .transform((text) =>
      text
        .toLowerCase()
        .split(',')
        .map((each) => each.trim())
        .filter(Boolean),
    )
    .refine((entries) => entries.every(isEntry), error)

/** Half of what the whole process has to stop in; what is not processed by its end is for the next start. */
const SHUTDOWN_DELAY_MS_MAX = 10_000
const DAY_MS = 86_400_000
/** Each partition inserts by itself: more of them, each less often, keep the inserts into a table at a few a second. */
const ONE_PROCESS = { activityPartitions: 4, storeIntervalMs: 1_000 } as const
const MANY_PROCESSES = { activityPartitions: 12, storeIntervalMs: 5_000 } as const

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

/** The environment, as far as Freshet reads it. Everything has a default; an empty value counts as unset. */
const Environment = z.object({
  LOG_URL: engineUrl('log'),
  TABLES_URL: engineUrl('tables'),
  VECTORS_URL: engineUrl('vectors'),
  REGISTRY_URL: engineUrl('registry'),
  CACHE_URL: engineUrl('cache'),
  OUTBOX_URL: z
    .string()
    .regex(/^(postgres(ql)?:\/\/.|debezium:$)/, 'must be postgres://… or debezium:')
    .optional(),
  OUTBOX_DELETE_AFTER: z.enum(['off', 'chunk'], { error: 'must be off or chunk' }).default('off'),
  LOG_PARTITIONS: wholeNumber(1).optional(),
  LOG_RETENTION_DAYS: wholeNumber(1).default(30),
  STORE_INTERVAL_MS: wholeNumber(100).optional(),
  RATE_LIMIT_PER_MINUTE: wholeNumber(0).default(0),
  TRUST_PROXY: wholeNumber(0).default(0),
  REINDEX_SCHEDULE: cronExpression.optional(),
  REINDEX_TIMEZONE: timeZone.default('UTC'),
  ALLOWED_HOSTS: listOf(isHostName, 'must be host names without a port, with commas between'),
  ALLOWED_ORIGINS: listOf(
    isOrigin,
    'must be origins like https://shop.example, with commas between',
  ),
  SHUTDOWN_DELAY_MS: wholeNumber(0, SHUTDOWN_DELAY_MS_MAX).default(500),
  EMBEDDING_MODEL: z.string().default('static-minilm-128'),
  MODEL_FOLDER: z.string().default(join(import.meta.dirname, '..', 'models')),
  TABLES_MEMORY_BYTES_MAX: wholeNumber(256_000_000).default(1_500_000_000),
  CACHE_ENTRIES_MAX: wholeNumber(1).default(100_000),
  LOG_LEVEL: z
    .enum(LOG_LEVELS, { error: `must be one of ${LOG_LEVELS.join(', ')}` })
    .default('warn'),
})

/** The variables that it reads, but for those of the command line's options. */
export const SETTING_NAMES: readonly string[] = Object.keys(Environment.shape)

export interface Config {
  readonly host: string
  readonly port: number
  readonly dataFolder: string
  /** Where each engine is; an embedded one names its folder. */
  readonly urls: Readonly<Record<SwitchableEngine, string>>
  /** Of a shop's own services, in PostgreSQL or through Debezium; undefined when none is read. */
  readonly outbox: { readonly url: string; readonly deleteAfter: 'off' | 'chunk' } | undefined
  /** How the topics are made where they are not there yet. */
  readonly topics: { readonly activityPartitions: number; readonly retentionMs: number }
  /** Least time between two batches that a partition stores. */
  readonly storeIntervalMs: number
  readonly rateLimit: { readonly perMinute: number; readonly trustProxy: number }
  /** When `freshet start` reindexes; undefined when it does not. */
  readonly reindex: ReindexTimes | undefined
  /** Names that it answers to beside its address and localhost. */
  readonly allowedHosts: readonly string[]
  /** Origins whose pages may send events and read answers. */
  readonly allowedOrigins: readonly string[]
  /** After SIGTERM it says for this long that it is not ready, and still answers, so that load balancers turn away first. */
  readonly shutdownDelayMs: number
  readonly model: { readonly name: string; readonly folder: string }
  readonly tablesMemoryBytesMax: number
  readonly cacheEntriesMax: number
  readonly logLevel: z.output<typeof Environment>['LOG_LEVEL']
}

/** Where the process is told to listen (on a free port of this machine, unless said) and to keep its state. */
export interface Placement {
  readonly host?: string
  readonly port?: number
  readonly data: string
}

/** Reads the environment once. @throws SettingError naming each key that cannot be used */
export function loadConfig(
  { host = '127.0.0.1', port = 0, data }: Placement,
  environment: NodeJS.ProcessEnv = process.env,
): Config {
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''))
  const parsed = Environment.safeParse(set)
  if (!parsed.success) {
    const wrong = parsed.error.issues.map(({ path: [key = ''], message }) => {
      return `${String(key)}=${withoutPassword(set[String(key)] ?? '')} ${message}`
    })
    throw new SettingError(`${wrong.join('; ')}. Correct it in the environment, or unset it`)
  }
  const dataFolder = resolve(data)
  const env = parsed.data
  const at = (engine: SwitchableEngine, url = 'embedded:') =>
    url === 'embedded:' ? embeddedAt(join(dataFolder, engine)) : url
  const urls = {
    log: at('log', env.LOG_URL),
    tables: at('tables', env.TABLES_URL),
    vectors: at('vectors', env.VECTORS_URL),
    registry: at('registry', env.REGISTRY_URL),
    cache: at('cache', env.CACHE_URL),
  }
  const defaults = isEmbedded(urls.log) ? ONE_PROCESS : MANY_PROCESSES
  return Object.freeze({
    host,
    port,
    dataFolder,
    urls,
    outbox:
      env.OUTBOX_URL === undefined
        ? undefined
        : { url: env.OUTBOX_URL, deleteAfter: env.OUTBOX_DELETE_AFTER },
    topics: {
      activityPartitions: env.LOG_PARTITIONS ?? defaults.activityPartitions,
      retentionMs: env.LOG_RETENTION_DAYS * DAY_MS,
    },
    storeIntervalMs: env.STORE_INTERVAL_MS ?? defaults.storeIntervalMs,
    rateLimit: { perMinute: env.RATE_LIMIT_PER_MINUTE, trustProxy: env.TRUST_PROXY },
    reindex:
      env.REINDEX_SCHEDULE === undefined
        ? undefined
        : { expression: env.REINDEX_SCHEDULE, timezone: env.REINDEX_TIMEZONE },
    allowedHosts: env.ALLOWED_HOSTS,
    allowedOrigins: env.ALLOWED_ORIGINS,
    shutdownDelayMs: env.SHUTDOWN_DELAY_MS,
    model: { name: env.EMBEDDING_MODEL, folder: env.MODEL_FOLDER },
    tablesMemoryBytesMax: env.TABLES_MEMORY_BYTES_MAX,
    cacheEntriesMax: env.CACHE_ENTRIES_MAX,
    logLevel: env.LOG_LEVEL,
  })
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

function withoutPassword(url: string): string {
  return url.replace(/\/\/.*@/, '//…@')
}
