// Waits until something is so: asks again at each change that is heard, and now and then should none be heard.
export interface Waiting {
  watch(listener: () => void): () => void
  signal: AbortSignal
  /** Milliseconds. */
  limit: number
}

const askAgain = 250

/** False where it was not so within the limit. Rejects with the signal's reason where it is cancelled. */
export async function until(condition: () => Promise<boolean>, { watch, signal, limit }: Waiting): Promise<boolean> {
  const end = Date.now() + limit
  let heard = () => {}
  let changed = false
  const unwatch = watch(() => {
    changed = true
    heard()
  })
  try {
    for (;;) {
      signal.throwIfAborted()
      changed = false
      if (await condition()) return true
      const left = end - Date.now()
      if (left <= 0) return false
      if (changed) continue
      await new Promise<void>((next) => {
        const timer = setTimeout(next, Math.min(askAgain, left))
        heard = () => {
          clearTimeout(timer)
          next()
        }
        signal.addEventListener('abort', heard, { once: true })
      })
      signal.removeEventListener('abort', heard)
    }
  } finally {
    unwatch()
  }
}
