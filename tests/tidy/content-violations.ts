const BYTES_MAX = 6_000_000

/** Data sets that may be used to evaluate, never passed on. */
const EVALUATION_ONLY = /rees46|movielens|serenade[_-]example/i

/** Folders of one machine: nobody else has them. */
const MACHINE_PATH = /(?<![\w.)}*])\/(home|root|work|mnt|Users|private)\/[a-z]/

export interface FileContents {
  readonly path: string
  readonly bytes: number
  /** Undefined for what is no text. */
  readonly text: string | undefined
}

/** What a file must not hold, one sentence each. `registry` is the host that packages come from here. */
export function contentViolations(file: FileContents, registry: string): readonly string[] {
  const { path, bytes, text } = file
  const isDataSet = EVALUATION_ONLY.test(path) && !/\.(md|ts)$/.test(path)
  const machinePath = text === undefined ? null : MACHINE_PATH.exec(text)
  return [
    ...(bytes <= BYTES_MAX ? [] : [`${path} has ${bytes} bytes, at most ${BYTES_MAX}`]),
    ...(isDataSet ? [`${path} looks like a data set that is for evaluation only`] : []),
    ...(machinePath === null ? [] : [`${path} names a folder of one machine: ${machinePath[0]}`]),
    ...(text?.includes(registry) ? [`${path} names the package registry ${registry}`] : []),
  ]
}
