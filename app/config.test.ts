import { expect, test } from 'vitest'
import { loadConfig, SettingError } from './config.ts'

const load = (environment: NodeJS.ProcessEnv) =>
  loadConfig({ host: '127.0.0.1', port: 0, data: '/var/freshet' }, environment)

test('everything is embedded in the data folder unless said otherwise', () => {
  expect(load({ LOG_URL: '', TABLES_URL: 'embedded:' }).urls).toEqual({
    log: 'embedded:/var/freshet/log',
    tables: 'embedded:/var/freshet/tables',
    vectors: 'embedded:/var/freshet/vectors',
    registry: 'embedded:/var/freshet/registry',
    cache: 'embedded:/var/freshet/cache',
  })
})

test('each engine is chosen by its own URL', () => {
  const urls = {
    LOG_URL: 'kafka://a:9092,b:9092?tls=true',
    TABLES_URL: 'clickhouse://user:pass@host:8123/freshet',
    VECTORS_URL: 'qdrant://:key@host:6333',
    REGISTRY_URL: 'https://host/apis/ccompat/v7',
    CACHE_URL: 'redis-cluster://a:6379,b:6379',
  }
  for (const [key, url] of Object.entries(urls))
    expect(Object.values(load({ [key]: url }).urls)).toContain(url)
})

test.for([
  ['LOG_URL', 'kafk://user:secret@host:9092', /must start with embedded: or kafka:\/\//],
  ['LOG_URL', 'kafk://user:p/se@secret@host:9092', /must start with embedded: or kafka:\/\//],
  ['TABLES_URL', 'http://user:secret@host', /must start with embedded: or clickhouse:\/\//],
  ['OUTBOX_URL', 'mysql://user:secret@host', /must be postgres:\/\/… or debezium:/],
  ['LOG_PARTITIONS', '0', /must be a whole number from 1 up/],
  ['REINDEX_SCHEDULE', '61 3 * * *', /is no cron expression \(61 .*minute\); write minute, hour/],
  ['REINDEX_SCHEDULE', 'nightly', /is no cron expression \(expected 5 or 6 fields/],
  ['REINDEX_SCHEDULE', '0 3 31 2 *', /is no cron expression \(31 2 is an impossible day/],
  ['REINDEX_TIMEZONE', 'London', /is no time zone; write its IANA name/],
] as const)('%s=%s is refused by its name, and without its password', ([key, value, sentence]) => {
  const loading = () => load({ [key]: value })
  expect(loading).toThrow(SettingError)
  expect(loading).toThrow(sentence)
  expect(loading).toThrow(key)
  expect(loading).not.toThrow(/secret/)
})

test.for([
  ['ALLOWED_HOSTS', 'https://shop.example', /must be host names without a port/],
  ['ALLOWED_HOSTS', 'shop.example:8080', /must be host names without a port/],
  ['ALLOWED_ORIGINS', 'shop.example', /must be origins like/],
  ['ALLOWED_ORIGINS', 'https://shop.example/', /must be origins like/],
  ['ALLOWED_ORIGINS', 'https://shop.example:443', /must be origins like/],
  ['ALLOWED_ORIGINS', '*', /must be origins like/],
  ['ALLOWED_ORIGINS', 'https://*.shop.example', /must be origins like/],
  ['ALLOWED_HOSTS', '.shop.example', /must be host names/],
  ['ALLOWED_HOSTS', 'shop.example.', /must be host names/],
  ['ALLOWED_ORIGINS', 'null', /must be origins like/],
  ['SHUTDOWN_DELAY_MS', '10001', /must be a whole number from 0 to 10000/],
] as const)('%s=%s is refused, and says what it takes', ([key, value, sentence]) => {
  expect(() => load({ [key]: value })).toThrow(sentence)
})

test('lists are compared in lower case, and their entries may be apart or missing', () => {
  const config = load({ ALLOWED_HOSTS: ' A.example, ,b,', ALLOWED_ORIGINS: 'HTTPS://Shop.example' })
  expect(config.allowedHosts).toEqual(['a.example', 'b'])
  expect(config.allowedOrigins).toEqual(['https://shop.example'])
  expect(load({})).toMatchObject({ allowedHosts: [], allowedOrigins: [] })
})

test('a log on servers has more partitions, each of which stores less often', () => {
  const embedded = load({})
  const kafka = load({ LOG_URL: 'kafka://host:9092' })
  expect(kafka.topics.activityPartitions).toBeGreaterThan(embedded.topics.activityPartitions)
  expect(kafka.storeIntervalMs).toBeGreaterThan(embedded.storeIntervalMs)
  const chosen = { LOG_URL: 'kafka://host:9092', LOG_PARTITIONS: '6', STORE_INTERVAL_MS: '500' }
  expect(load(chosen)).toMatchObject({ topics: { activityPartitions: 6 }, storeIntervalMs: 500 })
})

test('the configuration cannot be changed afterwards', () => {
  expect(Object.isFrozen(load({}))).toBe(true)
})

test('a command that neither listens nor answers needs no address', () => {
  expect(loadConfig({ data: '.' }, {})).toMatchObject({ host: '127.0.0.1', port: 0 })
})

test('all wrong settings are named at once', () => {
  expect(() => load({ LOG_PARTITIONS: 'many', OUTBOX_DELETE_AFTER: 'never' })).toThrow(
    /OUTBOX_DELETE_AFTER=never must be off or chunk; LOG_PARTITIONS=many must be .*\. Correct it/,
  )
})

test('nothing is reindexed by itself unless a schedule says so, in UTC unless it names a zone', () => {
  expect(load({ REINDEX_TIMEZONE: 'Europe/London' }).reindex).toBeUndefined()
  const expression = '30 3 * * *'
  expect(load({ REINDEX_SCHEDULE: expression }).reindex).toEqual({ expression, timezone: 'UTC' })
  const inLondon = load({ REINDEX_SCHEDULE: expression, REINDEX_TIMEZONE: 'Europe/London' })
  expect(inLondon.reindex).toEqual({ expression, timezone: 'Europe/London' })
})
