/** A data set file that cannot be used as it is: names the file, the line (0 = the whole file) and what to change. */
export class DatasetError extends Error {
  override readonly name = 'DatasetError'
  readonly file: string
  readonly line: number

  constructor(file: string, line: number, what: string, cause?: unknown) {
    super(line > 0 ? `${file}, line ${line}: ${what}` : `${file}: ${what}`, { cause })
    this.file = file
    this.line = line
  }
}
