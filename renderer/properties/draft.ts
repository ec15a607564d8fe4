// The Properties dialog's draft: what the administrator has changed and not yet saved. Pure; the view only draws it.
import { dnsServersProblem, mostDnsServers, parseDnsServer, printDnsServer, type DnsLookups, type Lookups, type LookupSide, type LookupSource } from '../../preload/contract/dns.ts'

/** Null stands for all available adapters. */
export type ChosenAdapter = { id: string; name: string } | null

export interface SideDraft {
  uses: 'adapter' | 'servers'
  adapter: ChosenAdapter
  servers: readonly string[]
  selected: number | null
  /** Typed, and not yet in the list. */
  entry: string
  editing: number | null
  /** Why what was pasted or entered was refused. */
  refused: string | null
  protocol: Lookups['protocol']
}

export interface Draft {
  internal: SideDraft
  external: SideDraft
  useExternalForInternet: boolean
}

export const sideNames: Record<LookupSide, string> = { internal: 'Internal DNS Lookups', external: 'External DNS Lookups' }

function sideOf({ source, protocol }: Lookups): SideDraft {
  return {
    uses: source.kind === 'servers' ? 'servers' : 'adapter',
    adapter: source.kind === 'adapter' ? { id: source.id, name: source.name } : null,
    servers: source.kind === 'servers' ? source.servers : [],
    selected: null,
    entry: '',
    editing: null,
    refused: null,
    protocol,
  }
}

export function draftOf({ internal, external, useExternalForInternet }: DnsLookups): Draft {
  return { internal: sideOf(internal), external: sideOf(external), useExternalForInternet }
}

function sourceOf({ uses, adapter, servers }: SideDraft): LookupSource {
  if (uses === 'servers') return { kind: 'servers', servers: [...servers] }
  return adapter ? { kind: 'adapter', ...adapter } : { kind: 'all-adapters' }
}

export function lookupsOf(draft: Draft): DnsLookups {
  const side = (of: SideDraft): Lookups => ({ source: sourceOf(of), protocol: of.protocol })
  return { internal: side(draft.internal), external: side(draft.external), useExternalForInternet: draft.useExternalForInternet }
}

/** By the id alone: an adapter that was given another name is still the same choice. */
function sameSource(a: LookupSource, b: LookupSource): boolean {
  if (a.kind === 'adapter') return b.kind === 'adapter' && a.id === b.id
  if (a.kind === 'servers') return b.kind === 'servers' && a.servers.join() === b.servers.join()
  return b.kind === 'all-adapters'
}

export const sameSide = (a: Lookups, b: Lookups) => a.protocol === b.protocol && sameSource(a.source, b.source)

export function sameLookups(a: DnsLookups, b: DnsLookups): boolean {
  return sameSide(a.internal, b.internal) && sameSide(a.external, b.external) && a.useExternalForInternet === b.useExternalForInternet
}

/** What is typed and waits to be added counts as a change: closing the dialog would lose it. */
export function isChanged(draft: Draft, saved: DnsLookups): boolean {
  return !sameLookups(lookupsOf(draft), saved) || pending(draft.internal) || pending(draft.external)
}

const pending = ({ uses, entry }: SideDraft) => uses === 'servers' && entry.trim() !== ''

/** Why the draft cannot be saved, as a sentence that names the tab; null where it can. */
export function problemOf(draft: Draft): string | null {
  for (const side of ['external', 'internal'] as const) {
    const problem = sideProblem(draft[side])
    if (problem) return `${sideNames[side]}: ${problem}`
  }
  return null
}

function sideProblem(side: SideDraft): string | null {
  if (side.uses !== 'servers') return null
  if (pending(side))
    return entryProblem(side) ?? `“${side.entry.trim()}” is typed but not in the list: press ${side.editing === null ? 'Add' : 'Update'}, or clear the field.`
  return dnsServersProblem(side.servers)
}

const split = (text: string) => text.split(/[\s,;]+/).filter((part) => part !== '')

/** What is wrong with the text in the field, while it is typed. */
export function entryProblem(side: SideDraft): string | null {
  if (side.refused !== null) return side.refused
  if (side.entry.trim() === '') return null
  const read = withEntered(side, split(side.entry))
  return 'problem' in read ? read.problem : null
}

function withEntered({ servers, editing }: SideDraft, texts: readonly string[]): { servers: string[] } | { problem: string } {
  const kept = editing === null ? servers : servers.filter((_, at) => at !== editing)
  // Told before any is looked at: thousands of addresses get one sentence, at once.
  const tooMany = kept.length + texts.length > mostDnsServers ? dnsServersProblem([...kept, ...texts]) : null
  if (tooMany) return { problem: tooMany }
  const entered: string[] = []
  for (const text of texts) {
    const parsed = parseDnsServer(text)
    if ('problem' in parsed) return parsed
    entered.push(printDnsServer(parsed))
  }
  const all = editing === null ? [...kept, ...entered] : [...kept.slice(0, editing), ...entered, ...kept.slice(editing)]
  const problem = dnsServersProblem(all)
  return problem ? { problem } : { servers: all }
}

export const typed = (side: SideDraft, entry: string): SideDraft => ({ ...side, entry, refused: null })

/** Puts the field's text into the list; where it cannot be, the list stays and the sentence is kept. */
export function enter(side: SideDraft): SideDraft {
  const texts = split(side.entry)
  if (texts.length === 0) return side
  const read = withEntered(side, texts)
  if ('problem' in read) return { ...side, refused: read.problem }
  const selected = side.editing ?? read.servers.length - 1
  return { ...side, servers: read.servers, selected, entry: '', editing: null, refused: null }
}

/** A pasted list goes into the list as a whole or not at all; null where it is a single text for the field. */
export function paste(side: SideDraft, text: string): SideDraft | null {
  const texts = split(text)
  if (texts.length < 2) return null
  const read = withEntered({ ...side, editing: null }, texts)
  if ('problem' in read) return { ...side, refused: read.problem }
  return { ...side, servers: read.servers, selected: read.servers.length - 1, entry: '', editing: null, refused: null }
}

export function edit(side: SideDraft, at: number): SideDraft {
  const server = side.servers[at]
  return server === undefined ? side : { ...side, selected: at, editing: at, entry: server, refused: null }
}

export const cancelEdit = (side: SideDraft): SideDraft => ({ ...side, editing: null, entry: '', refused: null })

export function remove(side: SideDraft, at: number): SideDraft {
  const servers = side.servers.filter((_, place) => place !== at)
  const selected = servers.length === 0 ? null : Math.min(at, servers.length - 1)
  return { ...side, servers, selected, editing: null, refused: null }
}

export function move(side: SideDraft, at: number, to: number): SideDraft {
  const servers = [...side.servers]
  const [moved] = servers.splice(at, 1)
  if (moved === undefined || to < 0 || to > servers.length) return side
  servers.splice(to, 0, moved)
  return { ...side, servers, selected: to }
}
