import { DRAIN_MS } from '#app/commands/run-until-stopped.ts'
import { type Compose, type Service, withDefaults } from './compose.ts'

const DRAIN_SECONDS = DRAIN_MS / 1_000
const OURS = /^freshet[:@]/
const ROOT_USERS = ['root', '0']
/** Names of settings that are secrets, or URLs that contain one. */
const SECRET = /PASSWORD|API_KEY|SECRET|TOKEN/
const READY = ['service_healthy', 'service_completed_successfully']

/** Services that cannot have a read-only root, and why. */
const WRITES_ITS_ROOT: Readonly<Record<string, string>> = {
  kafka: 'its start script writes its configuration beside its program',
}

/** What is wrong with a Compose file, one sentence each. */
export function composeViolations(compose: Compose): readonly string[] {
  return [
    ...(compose.version === undefined ? [] : ['version is obsolete']),
    ...(compose.name === undefined ? ['the project has no name'] : []),
    ...Object.entries(compose.services).flatMap(([name, service]) =>
      [
        ...imageViolations(service),
        ...confinementViolations(name, service),
        ...limitViolations(service),
        ...lifeViolations(service, compose),
        ...openViolations(service, compose),
        ...secretViolations(service),
      ].map((violation) => `${name}: ${violation}`),
    ),
  ]
}

function imageViolations({ image = '' }: Service): string[] {
  const pinned = withDefaults(image)
  const tag = /:([^:/@]+)(@sha256:[0-9a-f]{64})?$/.exec(pinned)?.[1] ?? ''
  return /^v?\d+\.\d+/.test(tag) ? [] : [`the image ${pinned} is not pinned to a release`]
}

function confinementViolations(name: string, service: Service): string[] {
  const { user = 'root', cap_drop = [], cap_add = [], security_opt = [], privileged } = service
  const violations: string[] = []
  if (ROOT_USERS.includes(user.split(':')[0] ?? '')) violations.push('runs as root')
  if (!cap_drop.includes('ALL') || cap_add.length > 0) violations.push('has capabilities')
  if (!security_opt.includes('no-new-privileges:true')) violations.push('may gain privileges')
  if (privileged === true || service.network_mode === 'host') violations.push('is not contained')
  if (service.read_only !== true && WRITES_ITS_ROOT[name] === undefined) {
    violations.push('can write its own program')
  }
  return violations
}

function limitViolations({ cpus, mem_limit, pids_limit, logging }: Service): string[] {
  const violations: string[] = []
  if (cpus === undefined) violations.push('may take every core')
  if (mem_limit === undefined) violations.push('may take all memory')
  if (pids_limit === undefined) violations.push('may start processes without end')
  if (logging?.options?.['max-size'] === undefined) violations.push('its log grows for ever')
  return violations
}

function lifeViolations(service: Service, { services }: Compose): string[] {
  const { healthcheck, depends_on = {}, image = '', command = [] } = service
  const isOneShot = service.restart === 'no'
  const violations: string[] = []
  const isClient = command.join() === 'demo'
  if (
    !isOneShot &&
    !isClient &&
    (healthcheck?.test === undefined || healthcheck.disable === true)
  ) {
    violations.push('has no health check')
  }
  for (const [name, { condition }] of Object.entries(depends_on)) {
    if (!READY.includes(condition)) violations.push(`does not wait until ${name} is ready`)
    const profiles = services[name]?.profiles
    const mine = service.profiles ?? []
    if (profiles !== undefined && !profiles.some((profile) => mine.includes(profile))) {
      violations.push(`waits for ${name}, which its profile does not start`)
    }
  }
  if (OURS.test(withDefaults(image))) {
    const init = depends_on['init']?.condition
    if (!isOneShot && init !== 'service_completed_successfully') {
      violations.push('does not wait for init')
    }
    if (seconds(service.stop_grace_period) <= DRAIN_SECONDS) {
      violations.push(`is killed before it has drained (${DRAIN_SECONDS} s)`)
    }
  }
  return violations
}

function openViolations({ ports = [], volumes = [] }: Service, compose: Compose): string[] {
  const open = ports
    .filter((port) => !port.startsWith('127.0.0.1:'))
    .map((port) => `the port ${port} is open to the network`)
  const loose = volumes
    .map((volume) => volume.split(':'))
    .flatMap(([source = '', target, mode]) => {
      if (source.startsWith('.')) return mode === 'ro' ? [] : [`can write ${source} of the host`]
      if (source.startsWith('/')) return [`mounts ${source} of the host`]
      return compose.volumes !== undefined && source in compose.volumes
        ? []
        : [`what it keeps in ${target ?? source} has no named volume`]
    })
  return [...open, ...loose]
}

/** A secret is a variable that must be set, in settings and in the passwords of URLs. */
function secretViolations({ environment = {}, command = [] }: Service): string[] {
  const inSettings = Object.entries(environment).flatMap(([key, value]) => {
    const secret = SECRET.test(key) ? value : (/\/\/[^/@:]*:(.+?)@/.exec(value)?.[1] ?? '')
    return isGiven(secret) ? [] : [`${key} has a default password`]
  })
  const inCommand = command.filter((word) => /\$\{\w*(PASSWORD|KEY)/.test(word))
  return [...inSettings, ...inCommand.map(() => 'a list of processes shows its password')]
}

function isGiven(secret: string): boolean {
  return secret === '' || /^\$\{\w+:\?[^}]+\}$/.test(secret)
}

function seconds(duration = '10s'): number {
  return Number.parseInt(duration, 10) * (duration.endsWith('m') ? 60 : 1)
}
