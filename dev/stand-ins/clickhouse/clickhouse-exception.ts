/** An exception in ClickHouse's format: a code, and a text that begins with `Code: N. DB::Exception:` and ends with its name. */
export class ClickHouseException extends Error {
  override readonly name = 'ClickHouseException'
  readonly code: number

  constructor(code: number, text: string, cause?: unknown) {
    super(text, { cause })
    this.code = code
  }
}

/** An exception of the stand-in itself. */
export function exception(code: number, name: string, words: string): ClickHouseException {
  return new ClickHouseException(code, `Code: ${code}. DB::Exception: ${words}. (${name})`)
}

/** An error of chDB; some of its texts repeat code, version and name. */
export function exceptionOf(error: unknown): ClickHouseException {
  if (error instanceof ClickHouseException) return error
  const raw = error instanceof Error ? error.message : String(error)
  const text = raw
    .replace(/^(Code: \d+\. DB::Exception: )+/, '$1')
    .replace(/ \(version [^)]*\)/g, '')
    .replace(/(\. \([A-Z_0-9]+\))\1+$/, '$1')
  const code = /^Code: (\d+)/.exec(text)?.[1]
  if (code !== undefined) return new ClickHouseException(Number(code), text, error)
  return new ClickHouseException(
    LOGICAL_ERROR,
    `Code: ${LOGICAL_ERROR}. DB::Exception: ${text}. (LOGICAL_ERROR)`,
    error,
  )
}

const LOGICAL_ERROR = 49

/** HTTP statuses by exception code, as in ClickHouse; 500 for all others. */
const STATUSES: readonly (readonly [status: number, codes: readonly number[]])[] = [
  [
    400, // what cannot be parsed, is ambiguous or does not fit
    [
      6, 8, 15, 25, 26, 27, 36, 37, 38, 41, 44, 53, 62, 72, 117, 123, 167, 168, 223, 321, 376, 427,
      441, 675, 676,
    ],
  ],
  [401, [194]], // REQUIRED_PASSWORD
  [403, [192, 193, 497, 512, 516]], // unknown user, wrong password, no right
  [404, [46, 47, 50, 56, 60, 63, 73, 78, 81, 115, 152, 336, 511]], // unknown table, function, setting, …
  [408, [159]], // TIMEOUT_EXCEEDED
  [411, [381]], // HTTP_LENGTH_REQUIRED
  [413, [229]], // QUERY_IS_TOO_LARGE
  [415, [779]], // UNSUPPORTED_MEDIA_TYPE
  [501, [48]], // NOT_IMPLEMENTED
  [503, [76, 209, 439]], // CANNOT_OPEN_FILE, SOCKET_TIMEOUT, CANNOT_SCHEDULE_TASK
]

const STATUS_OF = new Map(
  STATUSES.flatMap(([status, codes]) => codes.map((code) => [code, status] as const)),
)

/** The HTTP status for an exception's code. */
export function statusOf(code: number): number {
  return STATUS_OF.get(code) ?? 500
}
