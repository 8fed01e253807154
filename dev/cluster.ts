/** `npm run cluster`: all servers and processes of a Freshet cluster on this machine, with the demo. */
import { join } from 'node:path'
import { Command, InvalidArgumentError } from 'commander'
import { runFreshet } from './processes/freshet-process.ts'
import { instanceSettings } from './processes/instance-settings.ts'
import { startOwnServers } from './processes/own-servers.ts'
import { SupervisedProcess } from './processes/supervised-process.ts'
import { SERVERS_FOLDER } from './running-servers.ts'
import { startProgress } from './servers/start-progress.ts'

interface ClusterOptions {
  readonly processors: number
  readonly brokers: number
  readonly port: number
  readonly ingestPort: number
  readonly demo: boolean
  readonly simulator: boolean
}

const number = (text: string) => {
  const value = Number(text)
  if (Number.isInteger(value) && value >= 0) return value
  throw new InvalidArgumentError('It must be a whole number from 0 up.')
}

await new Command('npm run cluster --')
  .description(
    'A Freshet cluster on this machine: its own servers, ingest, processors, serve and the demo shop; Ctrl-C stops everything',
  )
  .option('--processors <N>', 'number of processors', number, 2)
  .option('--brokers <N>', 'number of Kafka nodes', number, 1)
  .option('--port <PORT>', 'port of serve; 0 picks a free one', number, 8080)
  .option('--ingest-port <PORT>', 'port of ingest; 0 picks a free one', number, 8081)
  .option('--no-demo', 'do not load the demo shop')
  .option('--no-simulator', 'do not run simulated customers')
  .action((options: ClusterOptions) =>
    run(options).catch((error: unknown) => {
      say(error instanceof Error ? error.message : String(error))
      process.exitCode = 1
    }),
  )
  .parseAsync()

async function run(options: ClusterOptions): Promise<void> {
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort()).once('SIGTERM', () => stop.abort())
  const stopped = new Promise<void>((resolve) => {
    stop.signal.addEventListener('abort', () => resolve())
  })
  await using stack = new AsyncDisposableStack()
  const folder = join(SERVERS_FOLDER, 'cluster')
  const environment = await startServers(stack, options, folder)
  await runFreshet({ args: ['init'], environment })
  const start = async (name: string, ...args: string[]) => {
    const data = join(folder, 'processes', name)
    const started = await SupervisedProcess.start({
      args: [...args, '--data', data],
      environment,
      onStderr: (text) => process.stderr.write(text.replace(/^(?=.)/gm, `[${name}] `)),
      onChange: (what) => say(`${name.padEnd(12)} ${what}`),
    })
    stop.signal.addEventListener('abort', () => started.stop())
    return stack.use(started)
  }
  const processors = Array.from({ length: options.processors }, (_, i) =>
    start(`process-${i + 1}`, 'process', '--port', '0'),
  )
  const [serve, ingest] = await Promise.all([
    start('serve', 'serve', '--port', String(options.port)),
    start('ingest', 'ingest', '--port', String(options.ingestPort)),
    ...processors,
  ])
  process.stdout.write(`Freshet is ready at ${serve.url}, and takes events at ${ingest.url}\n`)
  if (options.demo) {
    const at = ['--ingest-url', ingest.url, '--serve-url', serve.url, '--data', folder]
    const args = ['demo', ...at, ...(options.simulator ? [] : ['--no-simulator'])]
    await runFreshet({ args, environment, signal: stop.signal })
  }
  await stopped
  say('stopping …')
}

async function startServers(
  stack: AsyncDisposableStack,
  { brokers }: ClusterOptions,
  folder: string,
): Promise<Record<string, string>> {
  using progress = startProgress()
  const own = stack.use(await startOwnServers({ folder, brokers, report: progress.report }))
  for (const { version, url } of Object.values(own.servers))
    say(`${version} at ${withoutLogin(url)}`)
  return instanceSettings(own.servers)
}

function withoutLogin(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//')
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}
