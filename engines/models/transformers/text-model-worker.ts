import { parentPort, workerData } from 'node:worker_threads'
import { AutoModel, AutoTokenizer, env, mean_pooling, type Tensor } from '@huggingface/transformers'
import type {
  EmbedCommand,
  WorkerReply,
  WorkerSetup,
} from '#engines/models/transformers/worker-messages.ts'
import { unitLength } from '#engines/models/unit-length.ts'

// Runs a model on its own thread, because ONNX Runtime blocks the thread that calls it for the whole of a batch.

/** Longer texts are cut: sentence models were trained with this, and it bounds the memory of a batch. */
const MAX_TOKENS = 128
const { folder, model: name, precision } = workerData as WorkerSetup
/** A quantised model scales activations over the batch, so other texts in a batch would change a vector: one text at a time. */
const BATCH_SIZE = precision === 'q8' ? 1 : 32

env.allowRemoteModels = false
env.useFSCache = false
env.localModelPath = folder

try {
  const tokenizer = await AutoTokenizer.from_pretrained(name)
  const model = await AutoModel.from_pretrained(name, {
    dtype: precision,
    session_options: { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 3 },
  })

  /** The rows of a few texts: the mean of the token vectors, padding left out. */
  const pooled = async (texts: readonly string[]): Promise<Tensor> => {
    const inputs = tokenizer([...texts], {
      padding: true,
      truncation: true,
      max_length: MAX_TOKENS,
    })
    const outputs = (await model(inputs)) as { last_hidden_state?: Tensor }
    if (!outputs.last_hidden_state) throw new Error('it has no output last_hidden_state')
    return mean_pooling(outputs.last_hidden_state, inputs.attention_mask)
  }

  /** Texts of similar length run together, because every row of a batch costs as much as its longest text. */
  const embed = async (texts: readonly string[], dimensions: number): Promise<Float32Array> => {
    const shortestFirst = [...texts.keys()].sort((a, b) => lengthOf(texts, a) - lengthOf(texts, b))
    const vectors = new Float32Array(texts.length * dimensions)
    for (let start = 0; start < texts.length; start += BATCH_SIZE) {
      const positions = shortestFirst.slice(start, start + BATCH_SIZE)
      const { data } = await pooled(positions.map((position) => texts[position] ?? ''))
      for (const [row, position] of positions.entries()) {
        const vector = (data as Float32Array).subarray(row * dimensions, (row + 1) * dimensions)
        vectors.set(unitLength(vector), position * dimensions)
      }
    }
    return vectors
  }

  const dimensions = (await pooled(['warm-up'])).dims.at(-1) ?? 0
  parentPort?.on('message', ({ texts }: EmbedCommand) => {
    embed(texts, dimensions).then(
      (vectors) => reply({ kind: 'vectors', vectors }, [vectors.buffer as ArrayBuffer]),
      (error: unknown) => reply({ kind: 'failed', message: String(error) }),
    )
  })
  reply({ kind: 'ready', dimensions })
} catch (error) {
  reply({ kind: 'failed', message: String(error) })
}

function lengthOf(texts: readonly string[], position: number): number {
  return texts[position]?.length ?? 0
}

function reply(message: WorkerReply, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer)
}
