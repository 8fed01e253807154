import { MultiBar, type SingleBar } from 'cli-progress'
import type { EngineName } from '#cluster/running-engines.ts'
import type { Report } from './engine-recipe.ts'

export interface StartProgress extends Disposable {
  readonly report: (engine: EngineName, ...said: Parameters<Report>) => void
}

/** What each engine is about, on standard error: bars while it downloads if that is a terminal, else a line for each step. */
export function startProgress(): StartProgress {
  return process.stderr.isTTY ? onTerminal() : inLines()
}

function onTerminal(): StartProgress {
  const bars = new MultiBar({
    format: '{engine} {bar} {value}/{total} MB  {doing}',
    barsize: 20,
    hideCursor: true,
    clearOnComplete: true,
    stream: process.stderr,
  })
  const lines = inLines((text) => bars.log(text))
  const ofEngine = new Map<EngineName, SingleBar>()
  return {
    report(engine, doing, progress) {
      if (progress === undefined) {
        lines.report(engine, doing)
        return
      }
      const total = Math.round(progress.total / 1e6)
      const done = Math.min(Math.round(progress.done / 1e6), total)
      const bar = ofEngine.get(engine) ?? bars.create(total, 0)
      ofEngine.set(engine, bar)
      bar.update(done, { engine, doing })
    },
    [Symbol.dispose]: () => bars.stop(),
  }
}

function inLines(
  write: (text: string) => void = (text) => process.stderr.write(text),
): StartProgress {
  const last = new Map<EngineName, string>()
  return {
    report(engine, doing) {
      if (last.get(engine) === doing) return
      last.set(engine, doing)
      write(`${engine} ${doing}\n`)
    },
    [Symbol.dispose]: () => {},
  }
}
