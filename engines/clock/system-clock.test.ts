import { setTimeout } from 'node:timers/promises'
import { clockContract } from './contract.ts'
import { systemClock } from './system-clock.ts'

clockContract('the system clock', () => ({
  clock: systemClock,
  // Timers may fire up to a millisecond before Date.now() says so.
  pass: (ms) => setTimeout(ms + 2),
}))
