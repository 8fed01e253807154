import { Command } from 'commander'
import type { Logger } from 'pino'
import { type Config, loadConfig, type Placement } from '#app/config.ts'
import {
  type RoleProcess,
  startProcessingProcess,
  startServingProcess,
} from '#app/roles/single-role.ts'
import { withPlacement } from './options.ts'
import { processLogger, runUntilStopped } from './run-until-stopped.ts'

/** `freshet process`: log to tables and vectors, one of as many processes as there are partitions. */
export function processCommand(): Command {
  return withPlacement(new Command('process'), 8082)
    .description('store and count events: one of several processes that share the partitions')
    .action((placement: Placement) => runRole('process', startProcessingProcess, placement))
}

/** `freshet serve`: recommendations, trends and the live page. */
export function serveCommand(): Command {
  return withPlacement(new Command('serve'), 8080)
    .description('answer: recommendations, trends, the live page')
    .action((placement: Placement) => runRole('serve', startServingProcess, placement))
}

/** Runs one role as a process of its own until a signal comes. */
export async function runRole(
  name: string,
  start: (options: { config: Config; logger: Logger }) => Promise<RoleProcess>,
  placement: Placement,
): Promise<void> {
  const config = loadConfig(placement)
  const logger = processLogger(config)
  await runUntilStopped(
    () => start({ config, logger }),
    async ({ url }) => {
      process.stdout.write(`freshet ${name} is ready at ${url}\n`)
    },
    config.shutdownDelayMs,
  )
}
