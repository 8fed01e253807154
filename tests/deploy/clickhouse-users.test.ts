import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { absolute, readText } from '../tidy/repository.ts'

const USERS = readText('deploy/clickhouse/users.d/freshet.xml')
const CHANGEABLE = '<changeable_in_readonly/>'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'freshet-users-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** chDB reads users as the server does, all but one key of its main configuration: see the test below. */
const FOR_CHDB = USERS.replace('<default remove="remove"/>', '').replace(CHANGEABLE, '')

test('the engine takes our users, with passwords from the environment', () => {
  expect(ask(FOR_CHDB, 'SELECT name, auth_type FROM system.users ORDER BY name')).toEqual([
    ['default', ['plaintext_password']],
    ['freshet', ['plaintext_password']],
    ['grafana', ['plaintext_password']],
  ])
  expect(USERS.match(/<password [^>]*>/g)).toEqual([
    '<password from_env="CLICKHOUSE_PASSWORD"/>',
    '<password from_env="CLICKHOUSE_GRAFANA_PASSWORD"/>',
  ])
  expect(USERS).toContain('<default remove="remove"/>')
})

test('Grafana may read the tables and nothing else', () => {
  expect(ask(FOR_CHDB, 'SHOW GRANTS FOR grafana')).toEqual([
    ['GRANT SELECT ON freshet.* TO grafana'],
  ])
})

test('Grafana’s settings are fixed, but for a time limit of at most a minute', () => {
  const settings = `SELECT setting_name, value, max FROM system.settings_profile_elements
    WHERE profile_name = 'grafana' ORDER BY setting_name`
  expect(ask(FOR_CHDB, settings)).toEqual([
    ['max_execution_time', '30', '60'],
    ['max_memory_usage', '1000000000', null],
    ['readonly', '1', null],
  ])
})

test('the time limit can be changed only with a key that our main configuration sets', () => {
  const asIs = USERS.replace('<default remove="remove"/>', '')
  expect(() => ask(asIs, 'SELECT 1')).toThrow(
    'Setting changeable_in_readonly for max_execution_time is not allowed unless settings_constraints_replace_previous is enabled',
  )
  expect(readText('deploy/clickhouse/config.d/freshet.xml')).toContain(
    '<settings_constraints_replace_previous>true</settings_constraints_replace_previous>',
  )
})

test('a setting that does not exist is refused', () => {
  const planted = FOR_CHDB.replace('max_memory_usage>1', 'max_memory_use>1').replace(
    '</max_memory_usage>',
    '</max_memory_use>',
  )
  expect(() => ask(planted, 'SELECT 1')).toThrow('max_memory_use')
})

/** The rows that the engine, started with these users, answers: in a process of its own, as chDB wants. */
function ask(users: string, sql: string): unknown {
  mkdirSync(join(folder, 'users.d'), { recursive: true })
  writeFileSync(join(folder, 'users.d', 'freshet.xml'), users)
  writeFileSync(
    join(folder, 'users.xml'),
    `<clickhouse><profiles><default/></profiles><quotas><default/></quotas><users><default>
      <password/><networks><ip>::/0</ip></networks><profile>default</profile><quota>default</quota>
      <access_management>1</access_management></default></users></clickhouse>`,
  )
  writeFileSync(
    join(folder, 'config.xml'),
    `<clickhouse><users_config>${join(folder, 'users.xml')}</users_config></clickhouse>`,
  )
  const script = `const { Session } = await import('chdb')
    const [folder, config, sql] = process.argv.slice(1)
    const session = new Session(folder, { connectionArgs: ['--config-file=' + config] })
    process.stdout.write(session.query(sql, 'JSONCompact'))`
  const output = execFileSync(
    process.execPath,
    [
      '--input-type=module',
      '--eval',
      script,
      join(folder, 'data'),
      join(folder, 'config.xml'),
      sql,
    ],
    {
      cwd: absolute('.'),
      encoding: 'utf8',
      stdio: 'pipe',
      env: { ...process.env, CLICKHOUSE_PASSWORD: 'a', CLICKHOUSE_GRAFANA_PASSWORD: 'b' },
    },
  )
  return (JSON.parse(output) as { data: unknown }).data
}
