import { SingleBar } from 'cli-progress'

export interface ProgressBar extends Disposable {
  /** @param note what it is waiting for, if anything */
  update(done: number, note?: string): void
}

/** A bar on standard error, if that is a terminal; else nothing. Disposing ends its line. */
export function progressBar(label: string, total: number): ProgressBar {
  const bar = new SingleBar({
    format: `${label} {bar} {percentage}% {value}/{total} {note}`,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    hideCursor: true,
    stream: process.stderr,
  })
  bar.start(total, 0, { note: '' })
  return {
    update: (done, note = '') => bar.update(done, { note }),
    [Symbol.dispose]: () => bar.stop(),
  }
}
