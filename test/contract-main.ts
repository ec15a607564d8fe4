// A double of the main side for the view's tests, derived from the contract: what the view asks and what the double
// answers are parsed with the same schemas as in the product, so that neither can drift from it.
import { answer, type Report } from '../main/answer.ts'
import type { Running } from '../preload/contract/call.ts'
import { contract, type Answers, type Api } from '../preload/contract/index.ts'

type Emit = <T extends keyof Api>(topic: T, name: string, payload: unknown) => void

export interface Double {
  api: Api
  /** Sends an event, as main would. */
  emit: Emit
}

const loud: Report = (what, error) => {
  throw new Error(what, { cause: error })
}

/** `answers` may be partial; asking for what is not there is told as an unknown call. */
export function doubleMain(answers: { [T in keyof Answers]?: Partial<Answers[T]> }): Double {
  const listeners = new Map<string, Set<(payload: unknown) => void>>()
  // Like the border: what crosses it is copied, never shared.
  const ask = (topic: string, name: string, input: unknown, signal: AbortSignal, progress: (value: unknown) => void) =>
    answer(answers as Partial<Answers>, topic, name, structuredClone(input), { signal, progress }, loud).then((result) => structuredClone(result))

  const kinds = {
    call: (topic: string, name: string) => (input: unknown) => ask(topic, name, input, new AbortController().signal, () => undefined),
    stream: (topic: string, name: string) => (input: unknown, onProgress: (value: unknown) => void): Running<unknown> => {
      const controller = new AbortController()
      return { result: ask(topic, name, input, controller.signal, (value) => onProgress(structuredClone(value))), cancel: () => controller.abort() }
    },
    event: (topic: string, name: string) => (listener: (payload: unknown) => void) => {
      const key = `${topic}.${name}`
      const heard = listeners.get(key) ?? new Set()
      listeners.set(key, heard)
      heard.add(listener)
      return () => void heard.delete(listener)
    },
  }
  const api = Object.fromEntries(
    Object.entries(contract).map(([topic, entries]) => [
      topic,
      Object.fromEntries(Object.entries(entries).map(([name, { kind }]) => [name, kinds[kind as keyof typeof kinds](topic, name)])),
    ]),
  ) as unknown as Api

  const emit: Emit = (topic, name, payload) => {
    const entry = Object.entries(contract[topic]).find(([known]) => known === name)?.[1] as { kind: string; payload?: { parse(value: unknown): unknown } } | undefined
    if (entry?.kind !== 'event' || !entry.payload) throw new Error(`There is no event ${topic}.${name}.`)
    const parsed = entry.payload.parse(payload)
    for (const listener of [...(listeners.get(`${topic}.${name}`) ?? [])]) listener(structuredClone(parsed))
  }
  return { api, emit }
}
