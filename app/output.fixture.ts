import { vi } from 'vitest'

export interface Output {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number
}

/** Runs a function; resolves with what it wrote and the exit code that it set. Afterwards both are restored. */
export async function outputOf(run: () => Promise<unknown>): Promise<Output> {
  const written = { stdout: '', stderr: '' }
  const spies = (['stdout', 'stderr'] as const).map((stream) =>
    vi.spyOn(process[stream], 'write').mockImplementation((text) => {
      written[stream] += String(text)
      return true
    }),
  )
  const before = process.exitCode
  process.exitCode = undefined
  try {
    await run()
    return { ...written, exitCode: Number(process.exitCode ?? 0) }
  } finally {
    process.exitCode = before
    for (const spy of spies) spy.mockRestore()
  }
}
