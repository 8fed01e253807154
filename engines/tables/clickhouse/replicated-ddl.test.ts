import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadMigrations } from '../migrations.ts'
import { statementsOf } from '../sql-text.ts'
import { replicatedDdl } from './replicated-ddl.ts'

const MIGRATIONS = await loadMigrations(new URL('../../../schemas/tables/', import.meta.url))

test('the tables and views of a cluster are as agreed', async () => {
  const statements = MIGRATIONS.flatMap(({ sql }) => statementsOf(sql))
  const replicated = statements.map((statement) => `${replicatedDdl(statement, 'prod')};\n`)
  await expect(replicated.join('\n')).toMatchFileSnapshot(
    join(import.meta.dirname, 'replicated-tables.golden.sql'),
  )
})

const PATH = "'/clickhouse/tables/{shard}/{database}/{table}', '{replica}'"

test.each([
  ['CREATE DATABASE IF NOT EXISTS shop', 'CREATE DATABASE IF NOT EXISTS shop ON CLUSTER c'],
  ['DROP VIEW IF EXISTS v', 'DROP VIEW IF EXISTS v ON CLUSTER c'],
  [
    'ALTER TABLE t ADD COLUMN IF NOT EXISTS n UInt8',
    'ALTER TABLE t ON CLUSTER c ADD COLUMN IF NOT EXISTS n UInt8',
  ],
  ['-- why\nTRUNCATE TABLE `a b`.`t`', 'TRUNCATE TABLE `a b`.`t` ON CLUSTER c'],
  [
    'create table t(n UInt8) engine=MergeTree() order by n',
    `create table t ON CLUSTER c(n UInt8) ENGINE = ReplicatedMergeTree(${PATH}) order by n`,
  ],
  [
    'CREATE TABLE t (n UInt8) ENGINE = SummingMergeTree (n) ORDER BY n',
    `CREATE TABLE t ON CLUSTER c (n UInt8) ENGINE = ReplicatedSummingMergeTree(${PATH}, n) ORDER BY n`,
  ],
  [
    'CREATE TABLE t (n UInt8) ENGINE = MergeTree ORDER BY n SETTINGS non_replicated_deduplication_window = 5',
    `CREATE TABLE t ON CLUSTER c (n UInt8) ENGINE = ReplicatedMergeTree(${PATH}) ORDER BY n SETTINGS replicated_deduplication_window = 5, replicated_deduplication_window_seconds = 604800`,
  ],
])('%s', (statement, expected) => {
  expect(replicatedDdl(statement, 'c')).toBe(expected)
})

test('what is quoted, replicated already, or no definition stays as it is', () => {
  const quoted =
    "CREATE TABLE t (s String DEFAULT 'ENGINE = MergeTree') ENGINE = ReplicatedMergeTree('/p', 'r') ORDER BY s"
  expect(replicatedDdl(quoted, 'c')).toBe(quoted.replace('TABLE t', 'TABLE t ON CLUSTER c'))
  for (const statement of ['INSERT INTO t SELECT 1', 'SELECT 1', 'SYSTEM RELOAD CONFIG']) {
    expect(replicatedDdl(statement, 'c')).toBe(statement)
  }
})
