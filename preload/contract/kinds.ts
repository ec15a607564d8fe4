// Every entry's kind, without its schemas: making those takes some 30 ms, which the preload would add to each start
// of the window. The type is derived from the contract, so a list that differs from it does not compile.
import type { Contract } from './index.ts'

type Kinds = { [T in keyof Contract]: { [N in keyof Contract[T]]: Contract[T][N] extends { kind: infer K } ? K : never } }

export const kinds = {
  adapters: { list: 'call', detail: 'call', health: 'stream', changed: 'event' },
  app: { notices: 'call', dismiss: 'call', noticed: 'event', closing: 'event', closingShown: 'call', close: 'call' },
  changes: { plan: 'stream', run: 'stream', keep: 'call', list: 'call', show: 'call', resume: 'stream', rollBack: 'stream' },
  queues: { list: 'call', messages: 'call' },
  rehearsal: { scenarios: 'call', open: 'stream', state: 'call', close: 'call', play: 'stream' },
  servers: {
    list: 'call',
    properties: 'call',
    serviceState: 'call',
    start: 'call',
    stop: 'call',
    restart: 'stream',
    changed: 'event',
  },
} as const satisfies Kinds
