import type { DashboardSpec } from '../dashboard.ts'
import { PROMETHEUS } from '../prometheus-target.ts'
import { BOOKS } from './books.ts'
import { EVENTS_IN } from './events-in.ts'
import { PROCESSES } from './processes.ts'
import { PROCESSING } from './processing.ts'

/** Is every record accounted for, how late is it all, and which process is short of what. */
export const PIPELINE: DashboardSpec = {
  uid: 'freshet-pipeline',
  title: 'Freshet: pipeline',
  description: 'Events in, through the log, into tables: the books, the delay, the processes.',
  tags: ['freshet'],
  datasource: PROMETHEUS,
  variables: [],
  from: 'now-1h',
  rows: [BOOKS, EVENTS_IN, PROCESSING, PROCESSES],
}
