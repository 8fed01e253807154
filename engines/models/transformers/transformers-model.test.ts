import { cp, mkdtemp, rm, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cosine, textModelContract } from '#engines/models/contract.ts'
import { ModelThread } from '#engines/models/transformers/model-thread.ts'
import {
  openTransformersModel,
  TransformersModel,
} from '#engines/models/transformers/transformers-model.ts'

const FOLDER = fileURLToPath(new URL('../../../models', import.meta.url))
const MODEL = 'static-minilm-128'
const SETUP = { folder: FOLDER, model: MODEL, precision: 'fp32' } as const

textModelContract('transformers', () => openTransformersModel({ folder: FOLDER, model: MODEL }))

test('static-minilm-128 knows that sneakers are shoes and a hose is not', async () => {
  await using model = await openTransformersModel({ folder: FOLDER, model: MODEL })
  expect(model.space).toBe('static-minilm-128.f58aba0f.fp32.d128.t1')
  const [shoes, sneakers, hose] = await model.embed([
    'running shoes',
    'trail sneakers',
    'garden hose',
  ])
  expect(cosine(shoes, sneakers)).toBeCloseTo(0.7001, 3)
  expect(cosine(shoes, hose)).toBeCloseTo(0.2183, 3)
  const golden = [-0.237456, 0.170288, -0.115433, 0.048183]
  for (const [index, value] of golden.entries()) expect(shoes?.[index]).toBeCloseTo(value, 4)
})

test('texts are cut at 128 tokens, the mark of the beginning among them', async () => {
  await using model = await openTransformersModel({ folder: FOLDER, model: MODEL })
  const hoses = (count: number) => Array.from({ length: count }, () => 'hose').join(' ')
  const [full, longer, shorter] = await model.embed([
    `shoe ${hoses(126)}`,
    `shoe ${hoses(126)} shoe shoe`,
    `shoe ${hoses(125)} shoe`,
  ])
  expect(longer).toEqual(full)
  expect(shorter).not.toEqual(full)
})

describe('a thread that ends', () => {
  test('fails its batch and is replaced for the next', async () => {
    const threads: ModelThread[] = []
    const start = async () => {
      const thread = await ModelThread.start(SETUP, 30_000)
      threads.push(thread)
      return thread
    }
    await using model = new TransformersModel({
      space: 'test',
      thread: await start(),
      restart: start,
      queueMax: 1000,
    })
    const before = await model.embed(['running shoes'])
    const [cut] = await Promise.allSettled([model.embed(LONG), threads[0]?.[Symbol.asyncDispose]()])
    expect(cut).toMatchObject({
      status: 'rejected',
      reason: { code: 'ENGINE_UNAVAILABLE', retriable: true },
    })
    expect(await model.embed(['running shoes'])).toEqual(before)
    expect(threads).toHaveLength(2)
  })

  test('is ended when it gives no answer in time', async () => {
    await expect(ModelThread.start(SETUP, 1)).rejects.toMatchObject({
      code: 'ENGINE_TIMEOUT',
      retriable: true,
      message: expect.stringContaining('1 ms'),
    })
  })

  test('closing the model rejects what still waits', async () => {
    const model = await openTransformersModel({ folder: FOLDER, model: MODEL })
    const waiting = [model.embed(LONG), model.embed(LONG), model.embed(['hose'])]
    const settled = Promise.allSettled(waiting)
    await model[Symbol.asyncDispose]()
    for (const result of await settled) {
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'ENGINE_CLOSED' } })
    }
  })
})

describe('opening', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'freshet-models-'))
  })
  afterAll(async () => {
    await rm(folder, { recursive: true })
  })

  test('a model that is not there names the path and what to do', async () => {
    await expect(openTransformersModel({ folder, model: 'nowhere' })).rejects.toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
      retriable: false,
      message: expect.stringMatching(
        /nowhere.config\.json is missing.*README\.md.*EMBEDDING_MODEL/,
      ),
    })
  })

  test('a model without the weights of the precision asked for names them', async () => {
    const opening = openTransformersModel({ folder: FOLDER, model: MODEL, precision: 'q8' })
    await expect(opening).rejects.toMatchObject({
      message: expect.stringContaining('model_quantized.onnx is missing'),
    })
  })

  test('damaged weights are called that', async () => {
    await cp(join(FOLDER, MODEL), join(folder, 'damaged'), { recursive: true })
    await truncate(join(folder, 'damaged', 'onnx', 'model.onnx'), 1_000_000)
    await expect(openTransformersModel({ folder, model: 'damaged' })).rejects.toMatchObject({
      code: 'ENGINE_CORRUPT',
      retriable: false,
      message: expect.stringContaining('damaged'),
    })
  })
})

/** Enough work that the thread is still busy when the next line of a test runs. */
const LONG = Array.from({ length: 400 }, (_, i) => `stainless steel travel mug ${i} `.repeat(200))
