// What a guarded change is about: settings or hosts file. Each is planned, written and verified in its own way, and
// journalled, carried out and taken back in one and the same.
import type { Described, Probed, Wanted } from '../../preload/contract/changes.ts'
import type { Transport } from '../transport/transport.ts'
import type { World } from '../world/world.ts'
import type { Following } from './changes.ts'
import type { Entry } from './journal.ts'
import type { Verdict } from './verify.ts'

/** The edge server that is changed. */
export interface Site {
  world: World
  transport: Transport
  /** What a command line has to be told to mean this edge server; empty where it does by itself. */
  flags?: string
}

/** Which of its two states an entry asks for. */
export type Which = 'before' | 'after'

/** What is known before anything is journalled. */
export interface Prepared {
  described: Described
  probed: Probed[]
  /** Why it is refused unless it is forced; null where nothing speaks against it. */
  refused: string | null
  /** Whether nothing is to be written, and nothing to be restarted either. */
  isIdle(restart: boolean): boolean
  /** What the journal has of this kind. */
  entry: Pick<Entry, 'kind' | 'before' | 'after' | 'standing' | 'hosts' | 'undoes' | 'transport' | 'wasRunning'>
  /** Ids of the messages that are to move once it is in effect. */
  waited(): Promise<string[]>
  /** Puts on disk what the journal only names; throws where that fails, and nothing is changed then. */
  secure(): Promise<void>
  /** After the restart. */
  verify(entry: Entry, since: string, signal: AbortSignal): Promise<Verdict>
}

export interface Subject {
  prepare(wanted: Wanted, following: Following, tell?: (described: Described) => void): Promise<Prepared>
  /** What stands there, as an entry's `before` and `after` say it; null where it cannot be told and may be written over. */
  now(entry: Entry): Promise<string | null>
  write(entry: Entry, which: Which): Promise<void>
  /** After it was written, where nothing is restarted. */
  saved(entry: Entry): Promise<Verdict>
  readonly text: Record<'applying' | 'applied' | 'verifying' | 'restored' | 'foreign', string>
}
