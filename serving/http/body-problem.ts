import type { ErrorRequestHandler } from 'express'
import { ProblemError } from '#schemas/http/problem.ts'

/** Says what express.json could not do with a body of at most `bytesMax` as a problem; passes other errors on. */
export function bodyProblem(bytesMax: number): ErrorRequestHandler {
  return (
    error: { readonly type?: string; readonly message?: string },
    _request,
    _response,
    next,
  ) => {
    switch (error.type) {
      case 'entity.too.large':
        throw new ProblemError('payload-too-large', `The body may have at most ${bytesMax} bytes`)
      case 'entity.parse.failed':
        throw new ProblemError('malformed-body', `The body is not JSON: ${error.message}`)
      case 'encoding.unsupported':
      case 'charset.unsupported':
        throw new ProblemError(
          'unsupported-media-type',
          `The body cannot be read: ${error.message}`,
        )
      default:
        next(error)
    }
  }
}
