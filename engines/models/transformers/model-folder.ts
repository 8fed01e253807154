import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { access } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { type EngineError, unavailable } from '#engines/errors.ts'

/** Precision of the weights: `fp32` is onnx/model.onnx, `q8` onnx/model_quantized.onnx. */
export type Precision = 'fp32' | 'q8'

export interface ModelFolder {
  readonly name: string
  /** First part of the space: the last part of the name, in lower case. */
  readonly slug: string
  /** First 8 hex digits of the SHA-256 of the weights. */
  readonly revision: string
  readonly path: string
}

/**
 * Finds the files of a model under `folder` (the layout of the Hugging Face hub, see models/README.md) and fingerprints its weights.
 * @throws EngineError ENGINE_UNAVAILABLE that names the first file that is missing
 */
export async function findModel(
  folder: string,
  name: string,
  precision: Precision,
): Promise<ModelFolder> {
  const path = resolve(folder, name)
  const weights = join(path, 'onnx', precision === 'fp32' ? 'model.onnx' : 'model_quantized.onnx')
  for (const file of ['config.json', 'tokenizer.json', 'tokenizer_config.json', weights]) {
    const wanted = resolve(path, file)
    if (!(await isThere(wanted))) throw missing(name, wanted)
  }
  // Models beyond 2 GB, and some smaller ones, have their weights in a second file.
  const external = `${weights}_data`
  const files = (await isThere(external)) ? [weights, external] : [weights]
  const slug = basename(path)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
  return { name, slug, revision: await fingerprint(files), path }
}

async function fingerprint(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256')
  for (const file of files) {
    for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer)
  }
  return hash.digest('hex').slice(0, 8)
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

function missing(name: string, path: string): EngineError {
  return unavailable(
    `text model ${name} is not complete: ${path} is missing. Put the model's files there as models/README.md describes, or set EMBEDDING_MODEL to a model that is there`,
    { retriable: false },
  )
}
