import type { AdapterOptions } from '#engines/adapter.ts'
import type { Log } from '../port.ts'
import { openKafkaLog } from './kafka-log.ts'

export function open({ url, clock, logger }: AdapterOptions): Promise<Log> {
  return openKafkaLog({ url, clock, logger })
}
