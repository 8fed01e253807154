import { readText } from '../tidy/repository.ts'

export interface Instruction {
  /** `FROM`, `RUN` … */
  readonly keyword: string
  readonly text: string
}

export interface Stage {
  readonly name: string
  readonly from: string
  readonly instructions: readonly Instruction[]
}

export const DOCKERFILE_TEXT = readText('Dockerfile')

/** The stages of a Dockerfile in their order, with variables of before the first stage replaced by their defaults. */
export function parseDockerfile(text = DOCKERFILE_TEXT): readonly Stage[] {
  const defaults: Record<string, string> = {}
  const stages: { name: string; from: string; instructions: Instruction[] }[] = []
  for (const { keyword, text: rest } of instructions(text)) {
    const stage = stages.at(-1)
    if (keyword === 'FROM') {
      const [from = '', , name = ''] = rest.split(/\s+/)
      const image = from.replace(/\$\{(\w+)\}/g, (_, variable) => defaults[variable] ?? '')
      stages.push({ name, from: image, instructions: [] })
    } else if (stage !== undefined) {
      stage.instructions.push({ keyword, text: rest })
    } else {
      const [variable = '', value = ''] = rest.split('=')
      defaults[variable] = value
    }
  }
  return stages
}

/** The instructions of a stage after those of the stages that it is built from. */
export function lineage(stages: readonly Stage[], name: string): readonly Instruction[] {
  const stage = stages.find((one) => one.name === name)
  if (stage === undefined) return []
  return [...lineage(stages, stage.from), ...stage.instructions]
}

function instructions(text: string): readonly Instruction[] {
  return text
    .replaceAll(/^\s*#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [keyword = ''] = line.split(/\s/)
      return { keyword, text: line.slice(keyword.length).trim() }
    })
}
