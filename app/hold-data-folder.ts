import { folderOf, isEmbedded } from '#engines/embedded-url.ts'
import { EngineError } from '#engines/errors.ts'
import { FolderLock } from '#engines/log/embedded/folder-lock.ts'
import { type Config, ConfigError } from './config.ts'

/**
 * Locks the data folder of a stopped Freshet for this process: the lock of the log stands for all that is beside it. Call
 * it before the engines are opened, so that the conflict is not reported by the tables' engine. @throws ConfigError when
 * the folder is in use, with this advice
 */
export function holdDataFolder({ urls, dataFolder }: Config, advice: string): Disposable {
  if (!isEmbedded(urls.log)) return { [Symbol.dispose]: () => undefined }
  try {
    return new FolderLock(folderOf(urls.log))
  } catch (error) {
    if (!(error instanceof EngineError) || error.code !== 'DATA_FOLDER_IN_USE') throw error
    throw new ConfigError(`${dataFolder} is in use by a running Freshet; ${advice}`)
  }
}
