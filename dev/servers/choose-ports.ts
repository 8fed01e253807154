import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { Ports } from '../running-servers.ts'

const LOOPBACK = '127.0.0.1'

export interface PortChoice {
  /** The default ports of each process. */
  readonly usual: readonly Ports[]
  /** Free ports instead; those of the last start in this folder where they are still free, so that clients can reconnect. */
  readonly anyFree: boolean
  readonly folder: string
}

/** The ports of each process of a server. @throws Error that names the port that is taken */
export async function choosePorts({ usual, anyFree, folder }: PortChoice): Promise<Ports[]> {
  const file = join(folder, 'ports.json')
  const last = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Ports[]) : []
  const chosen: Ports[] = []
  for (const [index, ports] of usual.entries()) {
    const entries = Object.entries(ports).map(async ([use, port]) => {
      return [use, await (anyFree ? freePort(last[index]?.[use]) : takenIsWrong(port))] as const
    })
    chosen.push(Object.fromEntries(await Promise.all(entries)) as Ports)
  }
  mkdirSync(folder, { recursive: true })
  writeFileSync(file, JSON.stringify(chosen))
  return chosen
}

async function freePort(preferred: number | undefined): Promise<number> {
  if (preferred !== undefined && (await listen(preferred)) !== undefined) return preferred
  const port = await listen(0)
  if (port === undefined) throw new Error(`${LOOPBACK} has no free port`)
  return port
}

async function takenIsWrong(port: number): Promise<number> {
  if ((await listen(port)) !== undefined) return port
  throw new Error(`port ${port} is taken by another program: stop that, or add --free-ports`)
}

/** Listens for a moment; 0 picks a free port. Undefined when the port is taken. */
async function listen(port: number): Promise<number | undefined> {
  const server = createServer()
  try {
    await once(server.listen(port, LOOPBACK), 'listening')
  } catch {
    return undefined
  }
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' ? address?.port : undefined
}
