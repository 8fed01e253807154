import { type Instruction, lineage, parseDockerfile } from './dockerfile.ts'

/** What is wrong with the image that a target of a Dockerfile makes, one sentence each. */
export function dockerfileViolations(dockerfile: string, target: string): readonly string[] {
  const stages = parseDockerfile(dockerfile)
  const own = lineage(stages, target)
  const last = (keyword: string) => own.findLast((one) => one.keyword === keyword)?.text ?? ''
  const bases = stages
    .map(({ from }) => from)
    .filter((from) => !stages.some(({ name }) => name === from))
  return [
    ...bases
      .filter((base) => !/^[\w./-]+:\d+\.\d+\.\d+-[a-z]+-slim$/.test(base))
      .map((base) => `${base} is not pinned to a release on a slim Debian`),
    ...(/^[1-9]\d*:[1-9]\d*$/.test(last('USER'))
      ? []
      : ['it does not run as a numbered user that is not root']),
    ...(last('HEALTHCHECK').includes('CMD [')
      ? []
      : ['it has no health check, or one that needs a shell']),
    ...(last('ENTRYPOINT').startsWith('[') ? [] : ['a shell stands between it and its signals']),
    ...(last('STOPSIGNAL') === 'SIGTERM' ? [] : ['it does not say that SIGTERM stops it']),
    ...(last('LABEL').includes('org.opencontainers.image.title') ? [] : ['it has no labels']),
    ...own.flatMap(careless),
    ...stages.flatMap((stage) => stage.instructions).flatMap(installs),
  ]
}

function careless({ keyword, text }: Instruction): string[] {
  if (keyword === 'ADD') return ['it adds from elsewhere']
  const isSecret = /(PASSWORD|SECRET|TOKEN|API_KEY)\s*=/.test(text)
  return ['ENV', 'ARG'].includes(keyword) && isSecret ? ['it has a secret in it'] : []
}

function installs({ keyword, text }: Instruction): string[] {
  if (keyword !== 'RUN' || !/\bnpm\b/.test(text)) return []
  const isLocked = /\bnpm ci\b.*--omit=dev\b.*--ignore-scripts\b/.test(text)
  return isLocked
    ? []
    : ['it installs what the lock file does not say, for developers, or runs scripts']
}
