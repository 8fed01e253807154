import { openTestLog, startReader } from './open-outbox.ts'

const [url = '', folder = '', point = '', passes = ''] = process.argv.slice(2)

// For the crash test: reads an outbox, and is gone the moment it passes the named point for the nth time.
await using log = await openTestLog(folder)
let left = Number(passes)
await using reader = startReader({ url }, log, {
  limits: { rows: 10 },
  crashPoint: (at) => {
    if (at !== point) return
    left -= 1
    if (left === 0) process.kill(process.pid, 'SIGKILL')
  },
})
await Promise.race([reader.failed, new Promise((resolve) => process.once('SIGTERM', resolve))])
