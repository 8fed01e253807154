import { systemClock } from '#engines/clock/system-clock.ts'
import { withEngine } from '#engines/test-engines.ts'
import { logContract } from '../contract.ts'
import { openKafkaLog } from './kafka-log.ts'

withEngine('kafka', (url) => {
  logContract('the Kafka log', {
    // A broker keeps the records: the names of topics and groups tell the tests apart.
    newHome: async () => url,
    open: (home) => openKafkaLog({ url: home, clock: systemClock }),
    openBeside: (home) => openKafkaLog({ url: home, clock: systemClock }),
    openWithSmallQueue: (home) =>
      openKafkaLog({ url: home, clock: systemClock, queueBytesMax: 64 * 1024 }),
  })
})
