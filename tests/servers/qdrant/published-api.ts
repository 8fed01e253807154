import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { Exchange } from './record-exchanges.ts'

const COMPILER = installed('typescript/package.json', 'bin/tsc')
/** Made from Qdrant's OpenAPI document of the client's version, and installed with it. */
const PUBLISHED = await readFile(
  installed('@qdrant/js-client-rest', '../types/openapi/generated_schema.d.ts'),
  'utf8',
)
const TEMPLATES = [...PUBLISHED.matchAll(/^ {4}"(\/.*)": \{$/gm)].map(([, path = '']) => path)

/** The generator writes "or null" as a type that any object has. */
const TYPES = PUBLISHED.replaceAll('| (Record<string, unknown> | null)', '| null')

/** What an operation takes and answers. An object of a union has the properties of one of its members, not of several. */
const PARTS = `import type { paths } from './published.d.ts'
type Query<O> = O extends { parameters: { query?: infer Q } } ? (unknown extends Q ? None : Q) : None
type Request<O> = O extends { requestBody?: Json<infer B> } ? (unknown extends B ? undefined : Closed<B>) : undefined
type Answer<O extends { responses: unknown }, Status, Class> = Body<At<O['responses'], Status, At<O['responses'], Class, At<O['responses'], 'default', never>>>>
type At<R, Key, Else> = Key extends keyof R ? R[Key] : Else
type Json<B> = { content: { 'application/json': B } }
type Body<R> = R extends Json<infer B> ? Closed<B> : never
type None = Record<string, never>
type Closed<T, Union = T> = T extends readonly (infer E)[] ? Closed<E>[]
  : T extends object ? object & { [K in keyof T]: Closed<T[K]> } & { [K in Exclude<Names<Union>, keyof T>]?: never } : T
type Names<T> = T extends readonly unknown[] ? never : T extends object ? Literal<keyof T> : never
type Literal<K> = K extends K ? (string extends K ? never : K) : never
`

/** `PUT /collections/{collection_name}`, undefined where Qdrant publishes no such path. */
export function operationOf({ method, path }: Exchange): string | undefined {
  const template = templateOf(path)
  return template === undefined ? undefined : `${method} ${template}`
}

/**
 * For each of the exchanges, what is against the types that Qdrant publishes, in the words of the compiler: every exchange
 * is written down as constants of these types. Formats and ranges of numbers are not in types.
 */
export async function violations(exchanges: readonly Exchange[]): Promise<string[][]> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'freshet-published-'))
  const name = 'exchanges.ts'
  const statements = exchanges.flatMap(statementsOf)
  await writeFile(join(folder.path, 'published.d.ts'), TYPES)
  await writeFile(join(folder.path, name), PARTS + statements.map(({ code }) => code).join('\n'))
  const first = PARTS.split('\n').length
  const errors = (await compile(folder.path, name)).matchAll(/^\w+\.ts\((\d+),.*?: (.*)$/gm)
  const found = exchanges.map((): string[] => [])
  for (const [error, line, words] of errors) {
    const statement = statements[Number(line) - first]
    if (statement === undefined) throw new Error(error)
    found[statement.exchange]?.push(`${statement.of}: ${words}`)
  }
  return found
}

interface Statement {
  /** Its place among the exchanges. */
  readonly exchange: number
  /** `PUT /collections/a/points?wait=true request` */
  readonly of: string
  /** One line. */
  readonly code: string
}

function statementsOf(exchange: Exchange, index: number): readonly Statement[] {
  const { method, path, status, request, answer } = exchange
  const template = JSON.stringify(templateOf(path) ?? path)
  const operation = `paths[${template}]['${method.toLowerCase()}']`
  const query = new URL(path, 'http://qdrant').searchParams
  const part = (name: string, type: string, value: unknown) => ({
    exchange: index,
    of: `${method} ${path} ${name}`,
    code: `{ const _: ${type} = ${JSON.stringify(value)} }`,
  })
  // A wrong key is answered in plain text, published or not.
  const isText = typeof answer === 'string' && status >= 400
  const classOf = `'${Math.floor(status / 100)}XX'`
  return [
    part('query', `Query<${operation}>`, Object.fromEntries([...query].map(parsed))),
    part('request', `Request<${operation}>`, request),
    ...(isText ? [] : [part('answer', `Answer<${operation}, ${status}, ${classOf}>`, answer)]),
  ]
}

/** The one with the fewest parameters. */
function templateOf(path: string): string | undefined {
  const parts = path.split('?')[0]?.split('/') ?? []
  const fitting = TEMPLATES.filter((template) => {
    const wanted = template.split('/')
    return (
      wanted.length === parts.length &&
      wanted.every((part, i) => part.startsWith('{') || part === parts[i])
    )
  })
  return fitting.toSorted((a, b) => a.split('{').length - b.split('{').length)[0]
}

function parsed([name, value]: [string, string]): [string, unknown] {
  return [name, /^(?:true|false|-?\d+(?:\.\d+)?)$/.test(value) ? JSON.parse(value) : value]
}

async function compile(cwd: string, file: string): Promise<string> {
  const options = ['--noEmit', '--strict', '--skipLibCheck', '--pretty', 'false', '--ignoreConfig']
  const child = spawn(process.execPath, [COMPILER, ...options, file], { cwd })
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'close')])
  if (code !== 0 && !output.startsWith(file)) throw new Error(`the compiler failed: ${output}`)
  return output
}

function installed(name: string, path: string): string {
  return fileURLToPath(new URL(path, import.meta.resolve(name)))
}
