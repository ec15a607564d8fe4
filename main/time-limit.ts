// A time limit on whatever already can be cancelled.

/**
 * Aborts with the signal, or after so many milliseconds. Not AbortSignal.timeout() within AbortSignal.any(): nothing holds
 * that timeout there, so Node 20 may collect it before it is due, and then it never comes.
 */
export function withLimit(signal: AbortSignal, milliseconds: number): AbortSignal {
  const late = new AbortController()
  setTimeout(() => late.abort(new DOMException(`It took more than ${milliseconds} ms.`, 'TimeoutError')), milliseconds).unref()
  return AbortSignal.any([signal, late.signal])
}
