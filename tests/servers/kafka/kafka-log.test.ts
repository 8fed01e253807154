import { systemClock } from '#engines/clock/system-clock.ts'
import { logContract } from '#engines/log/contract.ts'
import { openKafkaLog } from '#engines/log/kafka/kafka-log.ts'
import { withServer } from '../with-server.ts'

withServer('kafka', (url) => {
  logContract('the Kafka log', {
    // A broker keeps the records: the names of topics and groups tell the tests apart.
    newHome: async () => url,
    open: (home) => openKafkaLog({ url: home, clock: systemClock }),
    openBeside: (home) => openKafkaLog({ url: home, clock: systemClock }),
    openWithSmallQueue: (home) =>
      openKafkaLog({ url: home, clock: systemClock, queueBytesMax: 64 * 1024 }),
  })
})
