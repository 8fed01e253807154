import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { runningServers } from '#dev/running-servers.ts'
import { systemClock } from '#engines/clock/system-clock.ts'
import { numbered } from '#engines/log/contract.fixture.ts'
import { Holder, PLENTY, textOf } from '#engines/log/contract-reading.ts'
import { openKafkaLog } from '#engines/log/kafka/kafka-log.ts'
import { needs, withServer } from '../with-server.ts'

const secureUrl = process.env['TEST_KAFKA_SECURE_URL'] || runningServers().kafka?.secureUrl

withServer('kafka', () => {
  if (secureUrl !== undefined) register(secureUrl)
  else
    needs(
      'kafka',
      'kafka with TLS and a login: start it with `npm run servers -- up kafka --secure`',
    )
})

function register(url: string): void {
  const [login = '', rest = ''] = url.replace('kafka://', '').split('@')
  const [hosts = '', query = ''] = rest.split('?')
  const [user = '', password = ''] = login.split(':')
  const ca = new URLSearchParams(query).get('ca') ?? ''
  const trusting = `tls=true&ca=${encodeURIComponent(ca)}`
  const open = (changed: string) => openKafkaLog({ url: changed, clock: systemClock })

  test.each(['plain', 'scram-sha-256', 'scram-sha-512'])(
    'with TLS and %s everything works, on every connection',
    async (sasl) => {
      await using log = await open(`kafka://${login}@${hosts}?${trusting}&sasl=${sasl}`)
      const topic = `login-${randomUUID()}`
      await log.createTopics([{ name: topic, partitions: 1, compacted: false }])
      await log.append(numbered(topic, 'r', 3))
      await using holder = await Holder.join(log, { group: topic, topics: [topic] })
      const lease = await holder.lease(0)
      expect((await lease.fetch(0, PLENTY)).map(textOf)).toEqual(['r-0', 'r-1', 'r-2'])
      await lease.commit(3, 'read')
      expect(await log.committed(topic, [topic])).toMatchObject([{ offset: 3, metadata: 'read' }])
    },
    60_000,
  )

  test.each(['plain', 'scram-sha-256', 'scram-sha-512'])(
    'a wrong password with %s is refused in the words of the server, and not repeated in them',
    async (sasl) => {
      await using log = await open(
        `kafka://${user}:not-${password}@${hosts}?${trusting}&sasl=${sasl}`,
      )
      const pinging = log.ping()
      await expect(pinging).rejects.toMatchObject({ code: 'ENGINE_REFUSED', retriable: false })
      await expect(pinging).rejects.toThrow(/[Ii]nvalid (username or password|credentials)/)
      await expect(pinging).rejects.not.toThrow(password)
    },
    60_000,
  )

  test('a certificate of an unknown authority is refused, and the message says where to look', async () => {
    await using log = await open(`kafka://${login}@${hosts}?tls=true`)
    await expect(log.ping()).rejects.toMatchObject({ code: 'ENGINE_REFUSED', retriable: false })
    await expect(log.ping()).rejects.toThrow(/certificate.*check tls= and ca= in the URL/)
  }, 60_000)
}
