// Binds what is written with an administrator's rights to what was shown: any program of this user may write the journal
// meanwhile, and the command that was agreed to it may not.
import { createHash } from 'node:crypto'
import type { Entry } from './journal.ts'
import type { Which } from './subject.ts'

/** What is to be carried out with an administrator's rights: a change, and what it was when they were asked for. */
export interface Order {
  id: string
  seal: string
}

/** The seal is the SHA-256, hexadecimal, of all of the entry that decides what is written, and over what. */
export function orderOf({ id, kind, before, after, hosts }: Entry, which: Which): Order {
  return { id, seal: createHash('sha256').update(JSON.stringify([id, kind, which, before, after, hosts?.path, hosts?.evenReadOnly])).digest('hex') }
}
