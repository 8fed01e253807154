import { timingSafeEqual } from 'node:crypto'
import type { NextFunction, Request, Response } from 'express'

/** Requires the key, as `api-key` header or as a bearer token. */
export function checkApiKey(apiKey: string) {
  const wanted = Buffer.from(apiKey)
  return (request: Request, response: Response, next: NextFunction): void => {
    const bearer = request.get('authorization')?.replace(/^Bearer /, '')
    const given = request.get('api-key') ?? bearer
    if (given === undefined) {
      response
        .status(401)
        .type('text')
        .send('Must provide an API key or an Authorization bearer token')
      return
    }
    const bytes = Buffer.from(given)
    if (bytes.length === wanted.length && timingSafeEqual(bytes, wanted)) next()
    else response.status(401).type('text').send('Invalid API key or JWT')
  }
}
