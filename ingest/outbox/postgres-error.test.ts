import { DatabaseError } from 'pg'
import { expect, test } from 'vitest'
import { postgresError } from './postgres-error.ts'

function ofServer(state: string): DatabaseError {
  return Object.assign(new DatabaseError('the server’s words', 0, 'error'), { code: state })
}

test.each([
  ['28P01', 'ENGINE_REFUSED', false],
  ['3D000', 'ENGINE_REFUSED', false],
  ['42501', 'ENGINE_REFUSED', false],
  ['42P01', 'ENGINE_REFUSED', false],
  ['57014', 'ENGINE_TIMEOUT', true],
  ['57P01', 'ENGINE_UNAVAILABLE', true],
  ['57P03', 'ENGINE_UNAVAILABLE', true],
  ['53300', 'ENGINE_UNAVAILABLE', true],
  ['40001', 'ENGINE_UNAVAILABLE', true],
  ['25006', 'ENGINE_UNAVAILABLE', true],
])('SQLSTATE %s is %s', (state, code, retriable) => {
  const error = postgresError(ofServer(state), 'postgres://db/shop')
  expect(error).toMatchObject({ code, retriable })
  expect(error.message).toMatch(/^the outbox at postgres:\/\/db\/shop: the server’s words/)
})

const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
const untrusted = Object.assign(new Error('bad'), { code: 'SELF_SIGNED_CERT_IN_CHAIN' })

test.each([
  [refused, 'ENGINE_UNAVAILABLE', 'connect ECONNREFUSED'],
  [new AggregateError([refused, refused]), 'ENGINE_UNAVAILABLE', 'connect ECONNREFUSED'],
  [new Error('Connection terminated unexpectedly'), 'ENGINE_UNAVAILABLE', 'terminated'],
  [new Error('Query read timeout'), 'ENGINE_TIMEOUT', 'timeout'],
  [new Error('The server does not support SSL connections'), 'ENGINE_REFUSED', 'SSL'],
  [new Error('SASL: client password must be a string'), 'ENGINE_REFUSED', 'password'],
  [untrusted, 'ENGINE_REFUSED', 'bad'],
])('%s is %s', (error, code, words) => {
  const meant = postgresError(error, 'postgres://db/shop')
  expect(meant).toMatchObject({ code, retriable: code !== 'ENGINE_REFUSED' })
  expect(meant.message).toContain(words)
})
