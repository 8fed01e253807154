import type { DashboardSpec } from '../dashboard.ts'
import { PROMETHEUS } from '../prometheus-target.ts'
import { EVENTS_IN } from './events-in.ts'
import { PROCESSES } from './processes.ts'
import { PROCESSING } from './processing.ts'
import { RECONCILIATION } from './reconciliation.ts'

/** Is every record accounted for, how fresh are the figures, and which process is short of what. */
export const PIPELINE: DashboardSpec = {
  uid: 'freshet-pipeline',
  title: 'Freshet: pipeline',
  description:
    'Events in, through the log, into tables: what is accounted for, how fresh it is, what the processes take.',
  tags: ['freshet'],
  datasource: PROMETHEUS,
  variables: [],
  from: 'now-1h',
  rows: [RECONCILIATION, EVENTS_IN, PROCESSING, PROCESSES],
}
