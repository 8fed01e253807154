import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { askRows } from '#app/ask-sql.ts'
import { loadConfig } from '#app/config.ts'
import { ALL_ROUTES } from '#app/http/all-routes.ts'
import { type Instance, startInstance } from '#app/instance.ts'
import { answersHeldTo } from '#http/answers-held-to.fixture.ts'
import { Ledger } from '#schemas/http/ledger.ts'

const SETTLES_WITHIN_MS = 120_000

/** Freshet in this process, on a temporary folder. Disposing throws when an answer was not as documented. */
export interface RunningInstance extends AsyncDisposable {
  readonly instance: Instance
  /** Posts a body to /v1/events. */
  post(body: string | Uint8Array, headers?: Readonly<Record<string, string>>): Promise<Answer>
  /** Read-only SQL over HTTP, as rows. */
  sql<T>(query: string): Promise<T[]>
  ledger(): Promise<Ledger>
  /** A ledger taken after this call, once no more than so many records are pending. @throws Error when it does not come to that */
  settled(pending?: number): Promise<Ledger>
}

export interface Answer {
  readonly status: number
  readonly type: string | null
  readonly body: Readonly<Record<string, unknown>>
}

export async function runInstance(): Promise<RunningInstance> {
  const folder = await mkdtemp(join(tmpdir(), 'freshet-bad-input-'))
  const config = loadConfig({ host: '127.0.0.1', port: 0, data: folder }, {})
  const answers = answersHeldTo(ALL_ROUTES)
  const logger = pino({ level: 'silent' })
  const instance = await startInstance({ config, logger, watch: answers.watch })
  await instance.learned
  const ledger = async () => Ledger.parse(await (await fetch(`${instance.url}/v1/ledger`)).json())
  return {
    instance,
    ledger,
    async post(body, headers = {}) {
      const answer = await fetch(`${instance.url}/v1/events`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', ...headers },
        body: Buffer.from(body),
      })
      const type = answer.headers.get('content-type')
      return { status: answer.status, type, body: (await answer.json()) as Answer['body'] }
    },
    sql: (query) => askRows(instance.url, query),
    async settled(pending = 0) {
      const asked = Date.now()
      for (;;) {
        const now = await ledger()
        if (Date.parse(now.as_of) > asked && now.pending <= pending) return now
        if (Date.now() > asked + SETTLES_WITHIN_MS)
          throw new Error(`still pending: ${JSON.stringify(now)}`)
        await sleep(50)
      }
    },
    async [Symbol.asyncDispose]() {
      await instance[Symbol.asyncDispose]()
      await rm(folder, { recursive: true })
      answers[Symbol.dispose]()
    },
  }
}
