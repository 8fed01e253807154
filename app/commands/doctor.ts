import { Command } from 'commander'
import { pino } from 'pino'
import { loadConfig } from '#app/config.ts'
import { type Finding, folderChecks, machineChecks, runChecks } from '#app/doctor/checks.ts'
import { engineChecks } from '#app/doctor/engine-checks.ts'
import { askRunning } from '#app/doctor/running-instance.ts'
import { DEFAULT_URL, dataOption, flag, option } from './options.ts'

interface DoctorOptions {
  readonly url: string
  readonly data: string
  readonly json: boolean
}

const SIGNS = { ok: '✓', warning: '!', failed: '✗' } as const

/** `freshet doctor`: what works, what does not, and what to do. Exit code 1 when something failed. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('check the machine and every engine, of a running Freshet or of a data folder')
    .addOption(
      option('--url <URL>', 'where Freshet answers, if it runs', 'FRESHET_URL').default(
        DEFAULT_URL,
      ),
    )
    .addOption(dataOption())
    .addOption(flag('--json', 'print the findings as JSON on standard output', 'FRESHET_JSON'))
    .action(async ({ url, data, json }: DoctorOptions, command: Command) => {
      const config = loadConfig({ data })
      const machine = await runChecks(machineChecks())
      const running = await askRunning(url)
      const logger = pino({ level: 'silent' })
      const stopped = [...folderChecks(config), ...engineChecks(config, logger)]
      const engines = running ?? (await runChecks(stopped))
      const isExpected = command.getOptionValueSource('url') !== 'default'
      const missing = running === undefined && isExpected ? [nothingAt(url)] : []
      const findings = [...machine, ...missing, ...engines]
      const isHealthy = findings.every(({ state }) => state !== 'failed')
      if (json)
        process.stdout.write(
          `${JSON.stringify({ healthy: isHealthy, running: running !== undefined, findings })}\n`,
        )
      else
        report(
          findings,
          running === undefined
            ? `nothing answers at ${url}; looked at ${config.dataFolder} and the servers of the environment`
            : `asked ${url}`,
        )
      if (!isHealthy) process.exitCode = 1
    })
}

/** A URL that was named is an instance that should run: a healthy folder beside it proves nothing. */
function nothingAt(url: string): Finding {
  const detail = `nothing answers at ${url}; start it, or leave --url out to look at the folder`
  return { check: 'instance', state: 'failed', detail }
}

function report(findings: readonly Finding[], source: string): void {
  const lines = findings.map(
    ({ check, state, detail }) => `${SIGNS[state]} ${check.padEnd(12)} ${detail}`,
  )
  process.stderr.write(`${lines.join('\n')}\n(${source})\n`)
}
