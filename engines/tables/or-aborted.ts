/** What `result` becomes, or a rejection with the signal's reason as soon as it is aborted. What runs goes on. */
export function orAborted<T>(result: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  const abort = () => reject(signal.reason as Error)
  signal.addEventListener('abort', abort, { once: true })
  result.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  return promise
}
