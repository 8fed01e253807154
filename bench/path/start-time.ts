import { round } from './figures.ts'
import { InstanceProcess } from './instance-process.ts'

/** From `start` on an empty folder to the demo's trends and recommendations being there. */
export async function measureStart() {
  const startedAt = performance.now()
  await using instance = await InstanceProcess.start('--no-simulator')
  const readyMs = performance.now() - startedAt
  const answer = await fetch(`${instance.url}/v1/recommendations/sample`)
  if (!answer.ok) throw new Error(`no recommendations after the start: ${await answer.text()}`)
  const { rss } = await instance.usage()
  return { ready_with_demo_ms: round(readyMs), rss_mb: round(rss / 1e6) }
}
