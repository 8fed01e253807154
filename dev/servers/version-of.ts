import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** What a program says of its version, on either of its outputs; undefined when there is no such program. */
export async function versionOf(
  program: string,
  option = '--version',
): Promise<string | undefined> {
  try {
    const { stdout, stderr } = await promisify(execFile)(program, [option])
    return stdout + stderr
  } catch {
    return undefined
  }
}
