// The saves of the hosts file as the journal has them: which of them stand, and what taking one of them back restores.
import type { HostsSave } from '../../preload/contract/hosts.ts'
import { Failure } from '../../preload/contract/failure.ts'
import type { Entry } from './journal.ts'

/** Saves whose contents are kept; undos among them do not count. */
const most = 100

/** A save or an undo that stands, and what stood below it when it was made. */
interface Standing {
  entry: Entry
  below: Standing | null
}

export class HostsHistory {
  /** Kept changes of the hosts file, newest first. */
  private readonly entries: Entry[]
  private readonly top: Standing | null

  /** All that the journal has, newest first; those of another hosts file are passed over. */
  constructor(entries: Entry[], path: string) {
    this.entries = entries.filter(({ kind, state, hosts }) => kind === 'hosts' && state === 'kept' && hosts?.path === path)
    const below = new Map<string, Standing | null>()
    let top: Standing | null = null
    for (const entry of this.entries.toReversed()) {
      below.set(entry.id, top)
      // An undo leaves standing what stood before that which it takes back.
      top = { entry, below: entry.undoes === null ? top : (below.get(entry.undoes) ?? null) }
    }
    this.top = top
  }

  get saves(): HostsSave[] {
    const standing = new Set<string>()
    for (let at = this.top; at; at = at.below) standing.add(at.entry.id)
    const targets = new Map(this.entries.map(({ id, undoes }) => [id, undoes]))
    // An undo stands as long as what it takes back does not.
    const stands = (id: string): boolean => {
      const target = targets.get(id) ?? null
      return target === null ? standing.has(id) : !stands(target)
    }
    return this.kept.map(({ id, began, by, words, patch = [], undoes }) => ({ id, at: began, by, words, patch, undone: !stands(id), isUndo: undoes !== null }))
  }

  /** The newest save that stands and is no undo, where its content is still kept. */
  get next(): string | null {
    let at = this.top
    while (at && at.entry.undoes !== null) at = at.below
    const id = at?.entry.id
    return id !== undefined && this.kept.some((entry) => entry.id === id) ? id : null
  }

  /**
   * What takes this change back, and with it every later one that stands: newest first, itself included. Throws a
   * Failure where somebody else wrote the file meanwhile: what they wrote would be lost.
   */
  back(entry: Entry, now: string, folder: string): Entry[] {
    const aside = `If you want it all the same: what the file was before that save is ${folder}/${entry.before}.`
    if (!this.kept.some(({ id }) => id === entry.id))
      throw new Failure('failed', `The change ${entry.id} is older than the last ${most} saves, whose contents are kept.`)
    const taken: Entry[] = []
    let content = now
    for (let at = this.top; at; at = at.below) {
      if (at.entry.after !== content) {
        const since = taken.length === 0 ? 'since its last save here' : `between the save of ${when(at.entry.began)} and that of ${when(taken.at(-1)?.began)}`
        throw new Failure('failed', `The hosts file was changed outside Edgewise ${since}, and taking that save back would lose it. Nothing was changed.`, `Change the lines by hand: edgewise hosts history shows them. ${aside}`)
      }
      taken.push(at.entry)
      if (at.entry.id === entry.id) return taken
      if (at.entry.undoes === null) content = at.entry.before
    }
    throw new Failure('bad-input', `The change ${entry.id} stands no more: it was taken back, or an undo went further back.`, 'edgewise hosts history shows which stand.')
  }

  /** Whose contents are kept. */
  get kept(): Entry[] {
    let saves = 0
    return this.entries.filter(({ undoes }) => {
      if (saves >= most) return false
      if (undoes === null) saves += 1
      return true
    })
  }
}

/** Names of the contents that an undo may need, of whichever hosts file. */
export function contentsIn(entries: Entry[]): Set<string> {
  const paths = new Set(entries.flatMap(({ hosts }) => (hosts ? [hosts.path] : [])))
  return new Set([...paths].flatMap((path) => new HostsHistory(entries, path).kept.flatMap(({ before, after }) => [before, after])))
}

export const when = (iso: string | undefined): string => new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(iso ?? 0))
