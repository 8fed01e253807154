import { pino } from 'pino'
import { expect, test } from 'vitest'
import { EngineError } from '#engines/errors.ts'
import { ProblemError, type ProblemKind } from '#schemas/http/problem.ts'
import { problemLog } from './problem-log.ts'

const away = new EngineError('ENGINE_UNAVAILABLE', 'the tables do not answer')

/** What is logged from *info* up, with a clock that is moved by hand. */
function logged() {
  const lines: { level: string; msg: string; reason?: string; alike?: number; path: string }[] = []
  const formatters = { level: (level: string) => ({ level }) }
  const write = (line: string) => lines.push(JSON.parse(line) as (typeof lines)[number])
  let now = 0
  const log = problemLog(pino({ level: 'info', formatters }, { write }), () => now)
  return {
    lines,
    advance: (ms: number) => {
      now += ms
    },
    say: (kind: ProblemKind, cause?: unknown) =>
      log(new ProblemError(kind, '', { cause }), '/v1/x'),
  }
}

test.each<ProblemKind>([
  'engine-unavailable',
  'shutting-down',
  'overloaded',
  'too-many-requests',
  'misdirected-request',
  'foreign-origin',
  'invalid-request',
])('an answer that is as it should be is no news: %s', (kind) => {
  const { lines, say } = logged()
  for (let i = 0; i < 100; i++) say(kind)
  expect(lines).toEqual([])
})

test('what is wrong with us is an error, each time', () => {
  const { lines, say } = logged()
  say('internal-error', new TypeError('a is undefined'))
  say('internal-error', new TypeError('b is undefined'))
  expect(lines).toMatchObject([
    { level: 'error', path: '/v1/x', err: { message: 'a is undefined' } },
    { level: 'error', path: '/v1/x', err: { message: 'b is undefined' } },
  ])
})

test('an engine that fails requests is said once in ten seconds, with how many were alike', () => {
  const { lines, advance, say } = logged()
  for (let i = 0; i < 100; i++) say('engine-unavailable', away)
  expect(lines).toMatchObject([{ level: 'warn', reason: away.message, path: '/v1/x' }])
  advance(10_000)
  say('engine-unavailable', away)
  expect(lines.slice(1)).toMatchObject([{ level: 'warn', alike: 99 }])
})
