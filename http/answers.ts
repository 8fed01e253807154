import type { Response } from 'express'
import { z } from 'zod'
import type { Answer } from './route.ts'

interface JsonOptions<S extends z.ZodType> {
  readonly status?: 200 | 202
  readonly description: string
  readonly example: z.output<S>
}

/** The value as JSON. */
export function json<S extends z.ZodType>(
  schema: S,
  { status = 200, description, example }: JsonOptions<S>,
): Answer<z.output<S>> {
  return {
    status,
    description,
    content: { 'application/json': { schema, example } },
    hasETag: true,
    write(response, value) {
      send(response.status(status).type('json'), JSON.stringify(value))
    },
  }
}

interface TextOptions {
  readonly description: string
  readonly example: string
}

/** Text. `type` may have parameters. */
export function text(type: string, { description, example }: TextOptions): Answer<string> {
  return {
    status: 200,
    description,
    content: { [mediaType(type)]: { schema: z.string(), example } },
    hasETag: true,
    write(response, value) {
      send(response.status(200).type(type), value)
    },
  }
}

/** A file, by its absolute path. */
export function file(types: readonly string[], description: string): Answer<string> {
  return {
    status: 200,
    description,
    content: Object.fromEntries(types.map((type) => [type, { schema: z.string() }])),
    hasETag: true,
    write(response, path) {
      response.sendFile(path, { cacheControl: false, acceptRanges: false })
    },
  }
}

/** What the handler writes itself, for as long as it likes; that is not called for a HEAD. */
export function stream(
  type: string,
  { description, example }: TextOptions,
): Answer<(response: Response) => void> {
  return {
    status: 200,
    description,
    content: { [mediaType(type)]: { schema: z.string(), example } },
    hasETag: false,
    write(response, start) {
      response.status(200).set({ 'Content-Type': type, 'X-Accel-Buffering': 'no' })
      response.flushHeaders()
      if (response.req.method === 'HEAD') response.end()
      else start(response)
    },
  }
}

/** Clients do not use the ETag of a POST. */
function send(response: Response, written: string): void {
  if (response.req.method === 'POST') response.end(written)
  else response.send(written)
}

function mediaType(type: string): string {
  return type.replace(/;.*/, '')
}
