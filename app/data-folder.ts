import { constants } from 'node:fs'
import { access, mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ConfigError } from './config.ts'

/** Makes the folder that holds all state, and checks that it can be written. @throws ConfigError */
export async function checkDataFolder(folder: string): Promise<void> {
  try {
    await makeFolder(folder)
    await access(folder, constants.W_OK | constants.X_OK)
  } catch (error) {
    const why = (await isFile(folder))
      ? 'is a file'
      : `cannot be written (${(error as NodeJS.ErrnoException).code})`
    throw new ConfigError(
      `the data folder ${folder} ${why}; choose another with --data, or give this user the right to write there`,
    )
  }
}

/** Like `mkdir` with `recursive`, which never returns where the kernel answers ENOENT below a folder that exists (/proc). */
async function makeFolder(folder: string): Promise<void> {
  const parent = dirname(folder)
  if (await exists(folder)) return
  if (parent !== folder) await makeFolder(parent)
  await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false
      throw error
    },
  )
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (entry) => !entry.isDirectory(),
    () => false,
  )
}
