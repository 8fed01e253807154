import { parse } from 'yaml'
import { readText } from '../tidy/repository.ts'

/** Of a Compose file, with its anchors and merges resolved, what the policy looks at. */
export interface Compose {
  readonly name?: string
  readonly version?: string
  readonly services: Readonly<Record<string, Service>>
  readonly volumes?: Readonly<Record<string, unknown>>
}

export interface Service {
  readonly image?: string
  readonly build?: { readonly target?: string }
  readonly profiles?: readonly string[]
  readonly command?: readonly string[]
  readonly user?: string
  readonly read_only?: boolean
  readonly tmpfs?: readonly string[]
  readonly privileged?: boolean
  readonly network_mode?: string
  readonly restart?: string
  readonly cap_drop?: readonly string[]
  readonly cap_add?: readonly string[]
  readonly security_opt?: readonly string[]
  readonly cpus?: number
  readonly mem_limit?: string
  readonly pids_limit?: number
  readonly stop_grace_period?: string
  readonly logging?: { readonly options?: Readonly<Record<string, string>> }
  readonly environment?: Readonly<Record<string, string>>
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean }
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>
  readonly ports?: readonly string[]
  readonly volumes?: readonly string[]
}

export const COMPOSE_TEXT = readText('docker-compose.yml')

export function parseCompose(text = COMPOSE_TEXT): Compose {
  return parse(text, { merge: true }) as Compose
}

/** The default in `${NAME:-default}`, innermost first; text without variables as it is. */
export function withDefaults(text: string): string {
  const replaced = text.replace(
    /\$\{\w+(?::-([^{}]*)|:\?[^{}]*)?\}/g,
    (_, fallback: string | undefined) => fallback ?? '',
  )
  return replaced === text ? text : withDefaults(replaced)
}
