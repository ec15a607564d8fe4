// Keeps what is shown up to date: asks, hears of a change, asks again. One question at a time, however many changes.
import { useEffect, useEffectEvent, useRef, useState } from 'react'
import type { Result } from '../../preload/contract/call.ts'
import type { FailureValue } from '../../preload/contract/failure.ts'
import type { ServerId } from '../../preload/contract/server-id.ts'
import { edgewise, settled } from '../api.ts'

export type Hear = (again: () => void) => () => void

export interface Following<T> {
  /** Asks once more; the answer is one that was asked for after this call. */
  again(): Promise<Result<T>>
  end(): void
}

/** Tells each answer until it is ended. */
export function follow<T>(ask: () => Promise<Result<T>>, hear: Hear, tell: (result: Result<T>) => void): Following<T> {
  let current: Promise<Result<T>> | null = null
  let next: Promise<Result<T>> | null = null
  let ended = false

  const question = async (): Promise<Result<T>> => {
    const result = await settled(ask())
    if (!ended) tell(result)
    return result
  }
  const begin = () => {
    const asked = question()
    current = asked
    void asked.finally(() => {
      if (current === asked) current = null
    })
    return asked
  }
  // Whoever comes while a question is under way shares the one that follows it.
  const again = () => {
    if (!current) return begin()
    next ??= current.then(() => {
      next = null
      return begin()
    })
    return next
  }
  const deaf = hear(() => {
    if (!ended) void again()
  })
  void begin()
  return {
    again,
    end: () => {
      ended = true
      deaf()
    },
  }
}

/** Of all servers where none is named. Who comes back to the window sees what was changed beside it meanwhile. */
export const changesOf =
  (server?: ServerId): Hear =>
  (again) => {
    const deaf = edgewise.servers.changed((change) => {
      if (server === undefined || change.server === server) again()
    })
    window.addEventListener('focus', again)
    return () => {
      deaf()
      window.removeEventListener('focus', again)
    }
  }

export interface Followed<T> {
  /** The last good answer; kept while a later question fails. */
  value: T | null
  failure: FailureValue | null
  again(): Promise<Result<T>>
}

type Found<T> = Omit<Followed<T>, 'again'> & { subject: string }

/** Follows one question for as long as the component shows it; `subject` tells one question from another. */
export function useFollowed<T>(subject: string, ask: () => Promise<Result<T>>, hear: Hear): Followed<T> {
  const nothing: Found<T> = { value: null, failure: null, subject }
  const [found, setFound] = useState(nothing)
  const following = useRef<Following<T> | null>(null)
  // Made anew with each drawing, while one question is told from another by its subject alone.
  const askNow = useEffectEvent(ask)
  const hearNow = useEffectEvent(hear)
  useEffect(() => {
    const begun = follow(() => askNow(), (again) => hearNow(again), (result) =>
      setFound((last) =>
        result.ok
          ? { value: result.value, failure: null, subject }
          : { value: last.subject === subject ? last.value : null, failure: result.error, subject },
      ),
    )
    following.current = begun
    return begun.end
  }, [subject])
  const { value, failure } = found.subject === subject ? found : nothing
  return { value, failure, again: () => following.current?.again() ?? settled(ask()) }
}
