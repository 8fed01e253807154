import { folderOf, isEmbedded } from '#engines/embedded-url.ts'
import { EngineError } from '#engines/errors.ts'
import { FolderLock } from '#engines/log/embedded/folder-lock.ts'
import { type Config, ConfigError } from './config.ts'

/**
 * Keeps the folder of a Freshet that is stopped to ourselves: who holds the log holds what is beside it. Ask it first,
 * because the tables' engine complains in its own words too. @throws ConfigError when it is in use, with this advice
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
