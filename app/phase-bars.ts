import { type ProgressBar, progressBar } from './progress-bar.ts'

/** One progress bar after the other, for work in phases. */
export interface PhaseBars extends Disposable {
  readonly update: (phase: string, done: number, total: number) => void
}

/** A phase begins when its name or its total is another one, or when it is back at 0. */
export function phaseBars(): PhaseBars {
  let shown = ''
  let bar: ProgressBar | undefined
  const end = () => {
    bar?.[Symbol.dispose]()
    bar = undefined
  }
  return {
    update(phase, done, total) {
      const name = `${phase} ${total}`
      if (bar === undefined || name !== shown || done === 0) {
        end()
        bar = progressBar(phase, total)
        shown = name
      }
      bar.update(done)
    },
    [Symbol.dispose]: end,
  }
}
