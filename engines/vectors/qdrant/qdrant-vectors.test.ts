import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { startQdrantStandIn } from '#cluster/stand-ins/qdrant/start-qdrant-stand-in.ts'
import { vectorsContract } from '#engines/vectors/contract.ts'
import { openQdrantVectors } from '#engines/vectors/qdrant/qdrant-vectors.ts'

const folder = await mkdtemp(join(tmpdir(), 'freshet-qdrant-'))
const standIn = await startQdrantStandIn({ folder })
afterAll(async () => {
  await standIn[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

vectorsContract('qdrant', () => openQdrantVectors({ url: standIn.url }))
