import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { snapshotStoreContract } from './contract-snapshots.ts'
import { FolderSnapshots } from './snapshots.ts'

snapshotStoreContract('snapshots in a folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'snapshots-'))
  const damaged: string[] = []
  return {
    snapshots: new FolderSnapshots(folder, (file) => damaged.push(file)),
    replace: async ({ group, topic, partition }, change) => {
      const file = join(folder, group, `${topic}-${partition}.snapshot`)
      await writeFile(file, change(await readFile(file)))
    },
    reported: () => damaged.length,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  }
})
