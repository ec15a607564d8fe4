// What is typed in the form of an entry, and the edit that comes of it. Pure.
import { hostsEntrySchema, type HostsEdit } from '../../preload/contract/hosts.ts'
import { firstProblem } from '../../preload/contract/failure.ts'
import type { EntryDraft } from './forms.ts'

type Drafted = { problem: string } | { edit: HostsEdit }

/** `line`: the entry that is edited; null where these are added after the line `after`, or at the end. */
export function editOf(drafts: readonly EntryDraft[], line: number | null, after: number | null): Drafted {
  const wanted = drafts.filter(({ isWanted }) => isWanted)
  if (wanted.length === 0) return { problem: 'Tick at least one entry.' }
  const entries = []
  for (const { address, names, comment } of wanted) {
    const read = hostsEntrySchema.safeParse({ address: address.trim(), names: namesIn(names), comment: comment.trim() === '' ? null : comment.trim() })
    if (!read.success) return { problem: sentence(firstProblem(read.error)) }
    entries.push(read.data)
  }
  const [first] = entries
  return { edit: line === null || !first ? { kind: 'add', entries, after } : { kind: 'set', line, ...first } }
}

const namesIn = (text: string) => text.split(/[\s,;]+/).filter((name) => name !== '')

/** Without the place, which the form itself shows: `names.0: a host name has …` becomes `A host name has … .` */
export function sentence(problem: string): string {
  const said = problem.replace(/^[\w.]+: /, '')
  return `${said[0]?.toUpperCase() ?? ''}${said.slice(1)}.`
}
