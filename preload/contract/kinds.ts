// Every entry's kind, without its schemas: making those takes some 30 ms, which the preload would add to each start
// of the window. The type is derived from the contract, so a list that differs from it does not compile.
import type { Contract } from './index.ts'

type Kinds = { [T in keyof Contract]: { [N in keyof Contract[T]]: Contract[T][N] extends { kind: infer K } ? K : never } }

export const kinds = {
  adapters: { list: 'call', detail: 'call', health: 'stream', changed: 'event' },
  app: { notices: 'call', dismiss: 'call', noticed: 'event', closing: 'event', closingShown: 'call', close: 'call' },
  changes: { plan: 'stream', run: 'stream', keep: 'call', list: 'call', show: 'call', resume: 'stream', planBack: 'stream', rollBack: 'stream' },
  diagnosis: { run: 'stream', cure: 'stream', egress: 'call', setEgress: 'call', report: 'call', save: 'call' },
  hosts: { list: 'call', moved: 'call', check: 'stream', suggest: 'call', compare: 'call', history: 'call', changed: 'event' },
  queues: { list: 'call', reasons: 'call', messages: 'call', allMessages: 'stream', message: 'call', select: 'call', act: 'stream', removals: 'call', putBack: 'stream' },
  rehearsal: { scenarios: 'call', open: 'stream', state: 'call', answer: 'call', close: 'call', play: 'stream', playAll: 'stream' },
  servers: {
    list: 'call',
    properties: 'call',
    serviceState: 'call',
    start: 'call',
    stop: 'call',
    restart: 'stream',
    changed: 'event',
  },
  smtp: { explain: 'call' },
  smtpTest: { route: 'stream', run: 'stream', open: 'stream', step: 'call', close: 'call', save: 'call' },
} as const satisfies Kinds
