import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { vectorsContract } from '#engines/vectors/contract.ts'
import { openEmbeddedVectors } from '#engines/vectors/embedded/embedded-vectors.ts'

vectorsContract('embedded', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'freshet-vectors-'))
  const vectors = await openEmbeddedVectors({ folder })
  const dispose = vectors[Symbol.asyncDispose].bind(vectors)
  vectors[Symbol.asyncDispose] = async () => {
    await dispose()
    await rm(folder, { recursive: true })
  }
  return vectors
})
