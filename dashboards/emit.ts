/** `npm run dashboards` writes the JSON that Grafana reads; a test compares what is committed. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { emittedDashboards } from './emitted.ts'

for (const { file, text } of emittedDashboards()) {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
  process.stdout.write(`${file}\n`)
}
