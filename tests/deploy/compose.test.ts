import { execFileSync, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { DCLinter } from 'dclint'
import { expect, test } from 'vitest'
import { loadConfig } from '#app/config.ts'
import { absolute, readText } from '../tidy/repository.ts'
import { COMPOSE_TEXT, parseCompose, type Service } from './compose.ts'
import { composeViolations } from './compose-violations.ts'
import { readSettings, unreadSettings } from './read-settings.ts'

const compose = parseCompose()
const example = parseEnv(readText('.env.example'))
const settings = [...COMPOSE_TEXT.matchAll(/(?<!\$)\$\{(\w+)/g)].map(([, name = '']) => name)

test('the Compose file keeps the policy', () => {
  expect(composeViolations(compose)).toEqual([])
  expect(Object.keys(compose.services)).toEqual(
    expect.arrayContaining([
      'init',
      'ingest',
      'process',
      'serve',
      'kafka',
      'registry',
      'clickhouse',
    ]),
  )
})

test('it is what the schema of Compose allows, and in the linter’s style', () => {
  expect(lint(COMPOSE_TEXT)).toEqual([])
})

test('without a profile only the core is started', () => {
  const byProfile = Object.groupBy(
    Object.entries(compose.services),
    ([, { profiles = ['core'] }]) => profiles.join(),
  )
  const names = (profile: string) => byProfile[profile]?.map(([name]) => name).sort()
  expect(names('core')?.length).toBe(9)
  expect(names('demo')).toEqual(['demo'])
  expect(names('observe')).toEqual(['grafana', 'prometheus'])
  expect(names('outbox')).toEqual(['outbox', 'postgres'])
})

test('every setting of the file is in .env.example, with the same default, and no other', () => {
  expect(new Set([...settings, 'COMPOSE_PROFILES'])).toEqual(new Set(Object.keys(example)))
  for (const [, name = '', value = ''] of COMPOSE_TEXT.matchAll(/\$\{(\w+):-([^${}]+)\}/g)) {
    expect(`${name}=${value}`).toBe(`${name}=${example[name]}`)
  }
})

const secrets = Object.keys(example).filter((name) => /PASSWORD|API_KEY/.test(name))

test('.env.example holds no secret', () => {
  expect(secrets).toHaveLength(6)
  for (const name of secrets) expect(example[name]).toBe('')
})

const hasOpenssl = spawnSync('openssl', ['version']).status === 0
test.skipIf(!hasOpenssl)('the command of .env.example makes each secret (needs openssl)', () => {
  const made = parseEnv(run(commandOfExample()))
  for (const name of secrets) expect(made[name]).toMatch(/^[0-9a-f]{48}$/)
  expect(new Set(secrets.map((name) => made[name])).size).toBe(secrets.length)
  expect(Object.keys(made)).toEqual(Object.keys(example))
})

test.each(['init', 'ingest', 'outbox', 'process', 'serve', 'demo'])(
  'Freshet understands the settings of %s',
  (name) => {
    const made = Object.fromEntries(secrets.map((key) => [key, randomBytes(24).toString('hex')]))
    const environment = Object.entries(compose.services[name]?.environment ?? {}).map(
      ([key, value]) => [key, interpolated(value, { ...example, ...made })] as const,
    )
    const placement = { host: '0.0.0.0', port: 8080, data: '/data' }
    const config = loadConfig(placement, Object.fromEntries(environment))
    expect(config.urls.tables).toMatch(
      name === 'demo'
        ? /^embedded:/
        : /^clickhouse:\/\/freshet:[0-9a-f]{48}@clickhouse:8123\/freshet$/,
    )
    expect(config.outbox?.url === undefined).toBe(name !== 'outbox')
  },
)

test('each setting of a process of Freshet is one that it reads', async () => {
  const known = await readSettings()
  const ours = Object.values(compose.services).filter(({ image }) => image?.includes('freshet:'))
  const names = ours.flatMap(({ environment = {} }) => Object.keys(environment))
  expect(ours.length).toBeGreaterThan(5)
  expect(unreadSettings(names, known)).toEqual([])
  expect(unreadSettings([...names, 'LOG_PARTITION', 'FRESHET_PROT'], known)).toEqual([
    'nobody reads LOG_PARTITION',
    'nobody reads FRESHET_PROT',
  ])
})

test('what is mounted from the repository is there', () => {
  const mounted = Object.values(compose.services)
    .flatMap(({ volumes = [] }) => volumes)
    .map((volume) => volume.split(':')[0] ?? '')
    .filter((source) => source.startsWith('./'))
  expect(mounted.length).toBeGreaterThan(5)
  for (const source of mounted) expect(existsSync(absolute(source)), source).toBe(true)
})

test('one image is built, the one without the embedded engines', () => {
  const built = Object.values(compose.services).filter(({ build }) => build !== undefined)
  expect(new Set(built.map(({ image, build }) => `${image} ${build?.target}`)).size).toBe(1)
  expect(built[0]?.build?.target).toBe('cluster')
})

test.each<[string, string, Spoilt, string]>([
  [
    'a moving tag',
    'kafka',
    { image: variable('KAFKA_IMAGE:-apache/kafka:latest') },
    'the image apache/kafka:latest is not pinned to a release',
  ],
  [
    'a major version alone',
    'kafka',
    { image: 'apache/kafka:4' },
    'the image apache/kafka:4 is not pinned to a release',
  ],
  [
    'no tag',
    'kafka',
    { image: 'apache/kafka' },
    'the image apache/kafka is not pinned to a release',
  ],
  [
    'a service without health check',
    'serve',
    { healthcheck: { disable: true } },
    'has no health check',
  ],
  [
    'a port open to the network',
    'serve',
    { ports: ['8080:8080'] },
    'the port 8080:8080 is open to the network',
  ],
  [
    'a default password',
    'valkey',
    { environment: { VALKEY_PASSWORD: variable('VALKEY_PASSWORD:-valkey') } },
    'VALKEY_PASSWORD has a default password',
  ],
  [
    'a written password',
    'postgres',
    { environment: { POSTGRES_PASSWORD: 'shop' } },
    'POSTGRES_PASSWORD has a default password',
  ],
  [
    'a password in a URL',
    'serve',
    { environment: { CACHE_URL: 'redis://:secret@valkey:6379' } },
    'CACHE_URL has a default password',
  ],
  [
    'a password in a command',
    'valkey',
    { command: ['--requirepass', variable('VALKEY_PASSWORD:?')] },
    'a list of processes shows its password',
  ],
  ['memory without limit', 'clickhouse', { mem_limit: undefined }, 'may take all memory'],
  ['cores without limit', 'clickhouse', { cpus: undefined }, 'may take every core'],
  [
    'processes without limit',
    'clickhouse',
    { pids_limit: undefined },
    'may start processes without end',
  ],
  ['a log without limit', 'clickhouse', { logging: {} }, 'its log grows for ever'],
  ['root by default', 'qdrant', { user: undefined }, 'runs as root'],
  ['root by number', 'qdrant', { user: '0:1000' }, 'runs as root'],
  ['capabilities kept', 'qdrant', { cap_drop: undefined }, 'has capabilities'],
  ['capabilities added', 'qdrant', { cap_add: ['NET_ADMIN'] }, 'has capabilities'],
  ['privileges to gain', 'qdrant', { security_opt: [] }, 'may gain privileges'],
  ['privilege', 'qdrant', { privileged: true }, 'is not contained'],
  ['the network of the host', 'qdrant', { network_mode: 'host' }, 'is not contained'],
  ['a program that can be written', 'qdrant', { read_only: false }, 'can write its own program'],
  ['not waiting for init', 'ingest', { depends_on: {} }, 'does not wait for init'],
  [
    'init that need not succeed',
    'ingest',
    { depends_on: { init: { condition: 'service_started' } } },
    'does not wait until init is ready',
  ],
  [
    'a grace that cuts the drain',
    'process',
    { stop_grace_period: '10s' },
    'is killed before it has drained (20 s)',
  ],
  [
    'a wait across profiles',
    'serve',
    { depends_on: { postgres: { condition: 'service_healthy' } } },
    'waits for postgres, which its profile does not start',
  ],
  [
    'a folder of the host to write',
    'grafana',
    { volumes: ['./dashboards/json:/d'] },
    'can write ./dashboards/json of the host',
  ],
  [
    'the socket of Docker',
    'prometheus',
    { volumes: ['/var/run/docker.sock:/s:ro'] },
    'mounts /var/run/docker.sock of the host',
  ],
  [
    'a volume without name',
    'kafka',
    { volumes: ['other:/data'] },
    'what it keeps in /data has no named volume',
  ],
])('%s is refused', (_, name, change, violation) => {
  const services = {
    ...compose.services,
    [name]: { ...compose.services[name], ...change } as Service,
  }
  expect(composeViolations({ ...compose, services })).toContain(`${name}: ${violation}`)
})

type Spoilt = { [K in keyof Service]?: Service[K] | undefined }

test('an obsolete version key and a project without name are refused', () => {
  expect(composeViolations({ version: '3', services: {} })).toEqual([
    'version is obsolete',
    'the project has no name',
  ])
})

test('the linter refuses a key that Compose does not know', () => {
  const planted = COMPOSE_TEXT.replace('mem_limit: 4g', 'mem_limt: 4g')
  expect(planted).not.toBe(COMPOSE_TEXT)
  expect(lint(planted).join()).toMatch(/clickhouse.*must NOT have additional properties/)
})

/** Ours is the order in which somebody reads; the rest are the linter's rules and the schema of Compose. */
const RULES = {
  'service-keys-order': 0,
  'services-alphabetical-order': 0,
  'top-level-properties-order': 0,
} as const

/** Its own types cannot be resolved by Node's rules. */
interface Linter {
  lintFiles(paths: string[], recursive: boolean): { messages: Record<string, unknown>[] }[]
}

function lint(text: string): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), 'freshet-compose-'))
  try {
    writeFileSync(join(folder, 'docker-compose.yml'), text)
    const linter = new (DCLinter as new (options: object) => Linter)({
      rules: RULES,
      quiet: false,
      debug: false,
      exclude: [],
    })
    const results = linter.lintFiles([folder], false)
    expect(results).toHaveLength(1)
    return results.flatMap(({ messages }) =>
      messages.map(({ line, message }) => `${String(line)}: ${String(message)}`),
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** The command that .env.example tells to run, printing instead of writing. */
function commandOfExample(): string {
  const [, command = ''] = /^# +(awk .*) > \.env/m.exec(readText('.env.example')) ?? []
  return command
}

/** As Compose writes it. */
function variable(inside: string): string {
  return `\${${inside}}`
}

function run(command: string): string {
  return execFileSync('sh', ['-c', command], { cwd: absolute('.'), encoding: 'utf8' })
}

function interpolated(value: string, values: NodeJS.Dict<string>): string {
  const replaced = value.replace(
    /\$\{(\w+)(?::[-?]([^${}]*))?\}/g,
    (_, name: string, or?: string) => {
      return values[name] || (or ?? '')
    },
  )
  return replaced === value ? value : interpolated(replaced, values)
}
