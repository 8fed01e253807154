import { ConfigError } from './config.ts'

/**
 * Runs one SELECT on the tables of a running Freshet and resolves with the engine's output in `format`.
 * @throws ConfigError when nothing answers there, or with Freshet's reason for refusing
 */
export async function askSql(url: string, query: string, format: string): Promise<string> {
  const body = JSON.stringify({ query, format })
  const headers = { 'Content-Type': 'application/json' }
  const answer = await fetch(new URL('/v1/sql', url), { method: 'POST', headers, body }).catch(
    (error: Error & { readonly cause?: Error }) => {
      throw new ConfigError(
        `nothing answers at ${url} (${error.cause?.message ?? error.message}); start Freshet, or name the folder with --data`,
      )
    },
  )
  if (answer.ok) return answer.text()
  const problem = (await answer.json()) as { detail?: string }
  throw new ConfigError(problem.detail ?? `Freshet answered ${answer.status}`)
}

/** The same, as objects. 64-bit integers arrive as strings. */
export async function askRows<T>(url: string, query: string): Promise<T[]> {
  const lines = (await askSql(url, query, 'JSONEachRow')).trimEnd()
  return JSON.parse(`[${lines.replaceAll('\n', ',')}]`) as T[]
}
