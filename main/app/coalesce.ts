// Events to the view, at most one each 100 ms for the same thing: a queue that drains must not flood the window.
const interval = 100

export type Send<P> = (payload: P) => void

/** Sends the first at once, then only the latest of each interval. Things are told apart by `key`. */
export function coalesce<P>(send: Send<P>, key: (payload: P) => string): Send<P> {
  const waiting = new Map<string, P | null>()

  const next = (name: string) => {
    const payload = waiting.get(name)
    if (payload === undefined || payload === null) {
      waiting.delete(name)
      return
    }
    waiting.set(name, null)
    send(payload)
    setTimeout(next, interval, name)
  }
  return (payload) => {
    const name = key(payload)
    const quiet = !waiting.has(name)
    waiting.set(name, payload)
    if (quiet) next(name)
  }
}
