import type { NextFunction, Request, Response } from 'express'
import { z } from 'zod'
import { EngineError } from '#engines/errors.ts'
import { QdrantRefusal } from './qdrant-refusal.ts'

/** Writes an error as Qdrant does. */
export function refuse(error: unknown, _: Request, response: Response, next: NextFunction): void {
  const refusal = refusalOf(error)
  if (response.headersSent || refusal === undefined) {
    next(error)
    return
  }
  response.status(refusal.status).json({ status: { error: refusal.message }, time: 0 })
}

function refusalOf(error: unknown): QdrantRefusal | undefined {
  if (error instanceof QdrantRefusal) return error
  if (error instanceof z.ZodError) {
    return new QdrantRefusal(400, `Format error in JSON body: ${z.prettifyError(error)}`)
  }
  if (error instanceof EngineError) {
    const isRefusal = error.code === 'ENGINE_REFUSED'
    const words = isRefusal
      ? `Wrong input: ${error.message}`
      : `Service internal error: ${error.message}`
    return new QdrantRefusal(isRefusal ? 400 : 500, words)
  }
  // From the body parser: not JSON, or too large.
  if (error instanceof Error && 'expose' in error) {
    return new QdrantRefusal(400, `Format error in JSON body: ${error.message}`)
  }
  return undefined
}
