// The core for a command that only explains replies: it needs no edge server, so none is opened.
import { Failure } from '../preload/contract/failure.ts'
import type { Answers } from '../preload/contract/index.ts'
import { answer, type Asking } from './answer.ts'
import { explain } from './smtp/reply.ts'

const only: Partial<Answers> = { smtp: { explain: async ({ text }) => explain(text) } }

export const explainOnly = {
  ask: (topic: string, name: string, input: unknown, asking: Asking) => answer(only, topic, name, input, asking),
  interrupted: null,
  writeJournalled: (): Promise<never> => Promise.reject(new Failure('unknown-call', 'This was opened to explain replies only.')),
  close: async (): Promise<void> => undefined,
}
