/** One round in a process of its own: fills a log, then stores and counts all of it. Prints one JSON line. */
process.env['UV_THREADPOOL_SIZE'] ??= '16'

const { mkdtemp, rm } = await import('node:fs/promises')
const { tmpdir } = await import('node:os')
const path = await import('node:path')
const { pino } = await import('pino')
const { Registry } = await import('prom-client')
const { loadConfig } = await import('#app/config.ts')
const { ALL_ENGINES, openEngines } = await import('#app/engines/open-engines.ts')
const { prepareEngines } = await import('#app/prepare-engines.ts')
const { startTopology } = await import('#pipeline/runner.ts')
const { FolderSnapshots } = await import('#pipeline/snapshots.ts')
const { FACTS } = await import('#processors/topologies.ts')
const { recordBatches, shopTraffic } = await import('./shop-traffic.ts')

const [count = '0', delivery = 'exactly-once'] = process.argv.slice(2)
const events = Number(count)
const folder = await mkdtemp(path.join(tmpdir(), 'bench-log-'))
const logger = pino({ level: 'warn' }, pino.destination(2))
const config = loadConfig({ data: folder })
{
  await using engines = await openEngines(ALL_ENGINES, config, logger)
  const codec = await prepareEngines(engines, config)
  const { log, tables, vectors, model, clock } = engines
  for (const batch of recordBatches(shopTraffic(events), codec, 5_000)) await log.append(batch)

  const wallStart = performance.now()
  const cpuStart = process.cpuUsage()
  await using _ = await startTopology({
    topology: FACTS,
    log,
    projections: { tables, vectors, model },
    codec,
    clock,
    snapshots: new FolderSnapshots(path.join(folder, 'snapshots'), () => {}),
    logger,
    metrics: new Registry(),
    delivery: delivery === 'at-least-once' ? 'at-least-once' : 'exactly-once',
  })
  const done = async () => {
    const commits = await log.committed(FACTS.group, FACTS.topics)
    return commits.reduce((sum, { offset }) => sum + offset, 0) >= events
  }
  while (!(await done())) await clock.sleep(20)
  const cpu = process.cpuUsage(cpuStart)
  const cpuSeconds = (cpu.user + cpu.system) / 1e6
  const wallSeconds = (performance.now() - wallStart) / 1_000
  const rss = process.memoryUsage.rss()
  process.stdout.write(`${JSON.stringify({ cpuSeconds, wallSeconds, rss })}\n`)
}
await rm(folder, { recursive: true })
