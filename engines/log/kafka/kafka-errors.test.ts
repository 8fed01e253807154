import protocolError from 'kafkajs/src/protocol/error.js'
import { expect, test } from 'vitest'
import { EngineError } from '#engines/errors.ts'
import { checkCode, engineErrorOf, protocolFailure } from './kafka-errors.ts'

test.each([
  [3, 'UNKNOWN_TOPIC', false], // UNKNOWN_TOPIC_OR_PARTITION
  [5, 'ENGINE_UNAVAILABLE', true], // LEADER_NOT_AVAILABLE
  [6, 'ENGINE_UNAVAILABLE', true], // NOT_LEADER_FOR_PARTITION
  [7, 'ENGINE_UNAVAILABLE', true], // REQUEST_TIMED_OUT
  [10, 'ENGINE_REFUSED', false], // MESSAGE_TOO_LARGE
  [14, 'ENGINE_UNAVAILABLE', true], // the coordinator loads
  [15, 'ENGINE_UNAVAILABLE', true], // no coordinator yet
  [16, 'ENGINE_UNAVAILABLE', true], // another one coordinates
  [19, 'ENGINE_UNAVAILABLE', true], // NOT_ENOUGH_REPLICAS
  [29, 'ENGINE_REFUSED', false], // TOPIC_AUTHORIZATION_FAILED
  [58, 'ENGINE_REFUSED', false], // SASL_AUTHENTICATION_FAILED
])('code %i of the protocol means %s', (code, meaning, retriable) => {
  const failure = protocolFailure(code, 'cannot append to t/0')
  expect(failure).toMatchObject({ code: meaning, retriable })
  expect(failure.message).toContain(
    `cannot append to t/0: ${protocolError.createErrorFromCode(code).message}`,
  )
  expect(() => checkCode(code, 'cannot append')).toThrow(EngineError)
})

test('no code is no error', () => {
  expect(() => checkCode(0, 'cannot append')).not.toThrow()
})

test('a connection that failed may be there again, a certificate that is wrong will not be right', () => {
  const failed = (code: string) =>
    Object.assign(new Error('Connection error'), { name: 'KafkaJSConnectionError', code })
  expect(engineErrorOf(failed('ECONNREFUSED'), 'x')).toMatchObject({ code: 'ENGINE_UNAVAILABLE' })
  for (const code of [
    'SELF_SIGNED_CERT_IN_CHAIN',
    'CERT_HAS_EXPIRED',
    'ERR_TLS_CERT_ALTNAME_INVALID',
  ])
    expect(engineErrorOf(failed(code), 'x')).toMatchObject({ code: 'ENGINE_REFUSED' })
})

test('a mistake of the program is thrown as it is', () => {
  const mistake = new TypeError('not a function')
  expect(() => engineErrorOf(mistake, 'cannot append')).toThrow(mistake)
})
