import { constants } from 'node:fs'
import { access, mkdir, stat } from 'node:fs/promises'
import { ConfigError } from './config.ts'

/** Makes the folder that all state lives in, and sees that it can be written. @throws ConfigError */
export async function checkDataFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
    await access(folder, constants.W_OK | constants.X_OK)
  } catch (error) {
    const isFile = await stat(folder).then(
      (entry) => !entry.isDirectory(),
      () => false,
    )
    const why = isFile
      ? 'is a file'
      : `cannot be written (${(error as NodeJS.ErrnoException).code})`
    throw new ConfigError(
      `the data folder ${folder} ${why}; choose another with --data, or give this user the right to write there`,
    )
  }
}
