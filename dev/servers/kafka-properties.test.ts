import { expect, test } from 'vitest'
import type { Ports } from '../running-servers.ts'
import { kafkaProperties } from './kafka-properties.ts'

const secrets = { clusterId: 'c', user: 'u', password: 'p', keystore: 'k', ca: 'a' }
const of = (index: number, ports: Ports[]) =>
  new Map(
    kafkaProperties({ index, ports, folder: 'f', secrets })
      .trim()
      .split('\n')
      .map((line) => line.split(/=(.*)/s).slice(0, 2) as [string, string]),
  )
const node = (first: number) => ({ client: first, controller: first + 1 })

test('every listener is on loopback, and every advertised listener exists', () => {
  const properties = of(0, [{ ...node(9092), secure: 9094 }])
  const advertised = 'PLAINTEXT://127.0.0.1:9092,SECURE://127.0.0.1:9094'
  expect(properties.get('advertised.listeners')).toBe(advertised)
  expect(properties.get('listeners')).toBe(`${advertised},CONTROLLER://127.0.0.1:9093`)
})

test('three nodes form one quorum and replicate to at least two', () => {
  const properties = of(2, [node(1), node(3), node(5)])
  expect(properties.get('node.id')).toBe('3')
  expect(properties.get('controller.quorum.voters')).toBe(
    '1@127.0.0.1:2,2@127.0.0.1:4,3@127.0.0.1:6',
  )
  expect(properties.get('offsets.topic.replication.factor')).toBe('3')
  expect(properties.get('min.insync.replicas')).toBe('2')
})

test('only the secure listener requires a login', () => {
  const secure = of(0, [{ ...node(1), secure: 3 }])
  expect(secure.get('listener.name.secure.sasl.enabled.mechanisms')).toBe(
    'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
  )
  expect([...of(0, [node(1)]).keys()].filter((key) => key.includes('sasl'))).toEqual([])
})
