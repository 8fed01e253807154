import { MultiBar, type SingleBar } from 'cli-progress'
import type { ServerName } from '../running-servers.ts'
import type { Report } from './server-recipe.ts'

export interface StartProgress extends Disposable {
  readonly report: (server: ServerName, ...said: Parameters<Report>) => void
}

/** Progress of each server on standard error: bars for downloads on a terminal, else a line for each step. */
export function startProgress(): StartProgress {
  return process.stderr.isTTY ? onTerminal() : inLines()
}

function onTerminal(): StartProgress {
  const bars = new MultiBar({
    format: '{server} {bar} {value}/{total} MB  {doing}',
    barsize: 20,
    hideCursor: true,
    clearOnComplete: true,
    stream: process.stderr,
  })
  const lines = inLines((text) => bars.log(text))
  const ofServer = new Map<ServerName, SingleBar>()
  return {
    report(server, doing, progress) {
      if (progress === undefined) {
        lines.report(server, doing)
        return
      }
      const total = Math.round(progress.total / 1e6)
      const done = Math.min(Math.round(progress.done / 1e6), total)
      const bar = ofServer.get(server) ?? bars.create(total, 0)
      ofServer.set(server, bar)
      bar.update(done, { server, doing })
    },
    [Symbol.dispose]: () => bars.stop(),
  }
}

function inLines(
  write: (text: string) => void = (text) => process.stderr.write(text),
): StartProgress {
  const last = new Map<ServerName, string>()
  return {
    report(server, doing) {
      if (last.get(server) === doing) return
      last.set(server, doing)
      write(`${server} ${doing}\n`)
    },
    [Symbol.dispose]: () => {},
  }
}
