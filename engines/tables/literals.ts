import { refused } from '../errors.ts'
import type { QueryParameter } from './port.ts'
import { bareSql } from './sql-text.ts'

type Parameters = Readonly<Record<string, QueryParameter>>

/** Renders a checked value as SQL of exactly this type. */
type Render = (value: unknown) => string

const PLACEHOLDER = /\{\s*([A-Za-z_]\w*)\s*:([^{}]*)\}/g

/**
 * The SQL with every `{name:Type}` outside of quotes and comments replaced by its value as a literal of that type.
 * Times are UTC milliseconds. For engines whose own binding cannot be used concurrently.
 * @throws EngineError ENGINE_REFUSED for a parameter that is missing, unused, of the wrong kind or of an unknown type
 */
export function renderParameters(sql: string, parameters: Parameters = {}): string {
  const used = new Set<string>()
  let rendered = ''
  let end = 0
  for (const match of bareSql(sql).matchAll(PLACEHOLDER)) {
    const name = match[1] ?? ''
    if (!Object.hasOwn(parameters, name)) throw refused(`parameter ${name} has no value`)
    const next = match.index + match[0].length
    const type = sql.slice(sql.indexOf(':', match.index) + 1, next - 1).trim()
    rendered += sql.slice(end, match.index) + literal(name, type, parameters[name])
    used.add(name)
    end = next
  }
  for (const name of Object.keys(parameters)) {
    if (!used.has(name)) throw refused(`the query has no parameter ${name}`)
  }
  return rendered + sql.slice(end)
}

function literal(name: string, type: string, value: unknown): string {
  const render = renderer(type)
  if (render === undefined) throw refused(`parameter ${name} has the unknown type ${type}`)
  try {
    return render(value)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw refused(`parameter ${name} of type ${type}: ${reason}`)
  }
}

function renderer(type: string): Render | undefined {
  const wrapped = /^(Array|Nullable|LowCardinality)\(([\s\S]*)\)$/.exec(type)
  if (wrapped !== null) return wrappedRenderer(type, wrapped[1] ?? '', (wrapped[2] ?? '').trim())
  if (type === 'String') return (value) => quote(stringOf(value))
  if (type === 'Identifier') return identifier
  if (type === 'Bool') return bool
  if (type === 'Float64') return (value) => cast(number(value), type)
  const integer = /^(U?)Int(8|16|32|64)$/.exec(type)
  if (integer !== null) {
    const range = integerRange(integer[1] === 'U', Number(integer[2]))
    return (value) => cast(quote(integerOf(value, range)), type)
  }
  if (/^DateTime(\('[\w/+-]+'\))?$/.test(type)) return (value) => cast(seconds(value), type)
  if (/^DateTime64\([0-9](, *'[\w/+-]+')?\)$/.test(type)) {
    return (value) => cast(`fromUnixTimestamp64Milli(${milliseconds(value)})`, type)
  }
  return undefined
}

function wrappedRenderer(type: string, wrapper: string, inner: string): Render | undefined {
  const render = renderer(inner)
  if (render === undefined || inner === 'Identifier') return undefined
  if (wrapper === 'LowCardinality') return inner === 'String' ? render : undefined
  if (wrapper === 'Nullable') {
    return (value) => cast(value === null ? 'NULL' : render(value), type)
  }
  return (value) => {
    if (!Array.isArray(value)) throw new TypeError(`expected an array, got ${kindOf(value)}`)
    return cast(`[${value.map(render).join(', ')}]`, type)
  }
}

function cast(expression: string, type: string): string {
  return `CAST(${expression}, ${quote(type)})`
}

/** A string literal; only what could end or change it is escaped. */
export function quote(text: string): string {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\0', '\\0')
  return `'${escaped}'`
}

function stringOf(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError(`expected a string, got ${kindOf(value)}`)
  return value
}

function identifier(value: unknown): string {
  const name = stringOf(value)
  if (!/^[A-Za-z_]\w*$/.test(name)) throw new TypeError('expected letters, digits and underscores')
  return `\`${name}\``
}

function bool(value: unknown): string {
  if (typeof value !== 'boolean') throw new TypeError(`expected a boolean, got ${kindOf(value)}`)
  return String(value)
}

function number(value: unknown): string {
  if (typeof value !== 'number') throw new TypeError(`expected a number, got ${kindOf(value)}`)
  if (Number.isNaN(value)) return 'nan'
  if (Number.isFinite(value)) return quote(Object.is(value, -0) ? '-0' : String(value))
  return value > 0 ? 'inf' : '-inf'
}

interface Range {
  readonly low: bigint
  readonly high: bigint
}

function integerRange(unsigned: boolean, bits: number): Range {
  const span = 1n << BigInt(unsigned ? bits : bits - 1)
  return { low: unsigned ? 0n : -span, high: span - 1n }
}

function integerOf(value: unknown, { low, high }: Range): string {
  if (typeof value !== 'bigint' && !Number.isSafeInteger(value)) {
    throw new TypeError(`expected a safe integer or a bigint, got ${kindOf(value)}`)
  }
  const integer = BigInt(value as bigint | number)
  if (integer < low || integer > high) throw new TypeError(`${integer} is out of range`)
  return String(integer)
}

/** The range of the engine's `DateTime64`. */
const TIME_RANGE = integerTimes(Date.UTC(1900, 0, 1), Date.UTC(2300, 0, 1) - 1)
const SECONDS_RANGE = integerTimes(0, (2 ** 32 - 1) * 1000)

function integerTimes(low: number, high: number): Range {
  return { low: BigInt(low), high: BigInt(high) }
}

function milliseconds(value: unknown): string {
  return cast(quote(integerOf(value, TIME_RANGE)), 'Int64')
}

function seconds(value: unknown): string {
  return String(BigInt(integerOf(value, SECONDS_RANGE)) / 1000n)
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  return typeof value === 'number' ? `the number ${value}` : typeof value
}
