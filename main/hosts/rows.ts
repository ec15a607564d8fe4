// The rows of the hosts file that a view asks for.
import type { HostsFinding, HostsRow, hostsShows } from '../../preload/contract/hosts.ts'
import { isWide, lettersOf, unitsOf, type Encoding } from './encoding.ts'
import type { LineIndex } from './line-index.ts'
import { findingsAt } from './findings.ts'
import type { Hosts } from './lines.ts'
import { partsOf, type Parts } from './parts.ts'
import { cut } from './patch.ts'

export interface HostsAsked {
  /** Found in address, names, comment or group, without case. */
  filter: string
  show: (typeof hostsShows)[number]
  page: { offset: number; limit: number }
}

interface Kept {
  /** For each line, the line of the heading that it stands under; 0 where there is none. */
  headings: Uint32Array
  /** What the last filter left: a view that is scrolled asks for page after page of it. */
  left?: { findings: HostsFinding[]; filter: string; show: HostsAsked['show']; lines: Uint32Array }
}

const keptOf = new WeakMap<Hosts, Kept>()

/** `total` counts what the filter leaves. */
export function rowsOf(hosts: Hosts, findings: HostsFinding[], { filter, show, page }: HostsAsked): { rows: Omit<HostsRow, 'use'>[]; total: number } {
  const wanted = filter.trim().toLowerCase()
  const { index } = hosts
  let kept = keptOf.get(hosts)
  if (!kept) keptOf.set(hosts, (kept = { headings: headingsOf(index) }))
  const lines = wanted === '' && show === 'all' ? null : left(kept, hosts, findings, wanted, show)
  const total = lines?.length ?? index.count
  const numbers = Array.from({ length: Math.max(0, Math.min(page.limit, total - page.offset)) }, (_, at) => lines?.[page.offset + at] ?? page.offset + at + 1)
  const found = new Map<number, HostsFinding[]>(numbers.map((line) => [line, []]))
  for (const finding of findings) found.get(finding.line)?.push(finding)
  const { headings } = kept
  return { rows: numbers.map((line) => rowOf(index, line, headingAt(index, headings[line - 1]), found.get(line) ?? [])), total }
}

function headingsOf(index: LineIndex): Uint32Array {
  const headings = new Uint32Array(index.count)
  let heading = 0
  for (let line = 1; line <= index.count; line += 1) {
    if (mayEndGroup(index, line)) {
      const { kind } = partsOf(index.content(line), index.encoding)
      if (kind === 'heading') heading = line
      if (kind === 'blank') heading = 0
    }
    headings[line - 1] = heading
  }
  return headings
}

/** Most lines are entries, which need not be taken apart for this: what begins with a digit is neither blank nor a heading. */
function mayEndGroup(index: LineIndex, line: number): boolean {
  const byte = index.bytes[index.start(line)] ?? 0
  return byte < 0x30 || byte > 0x39
}

const headingAt = (index: LineIndex, line: number | undefined): string | null => (line ? partsOf(index.content(line), index.encoding).heading : null)

function left(kept: Kept, { index }: Hosts, findings: HostsFinding[], filter: string, show: HostsAsked['show']): Uint32Array {
  if (kept.left?.findings === findings && kept.left.filter === filter && kept.left.show === show) return kept.left.lines
  const amiss = new Set(show === 'problems' ? findings.map(({ line }) => line) : [])
  const inGroup = new Map<number, boolean>()
  const isInGroup = (line: number) => {
    const heading = kept.headings[line - 1] ?? 0
    if (!inGroup.has(heading)) inGroup.set(heading, headingAt(index, heading)?.toLowerCase().includes(filter) ?? false)
    return inGroup.get(heading) ?? false
  }
  const lines: number[] = []
  for (let line = 1; line <= index.count; line += 1) {
    if (filter !== '' && !lettersOf(unitsOf(index.content(line), index.encoding), index.encoding).toLowerCase().includes(filter) && !isInGroup(line)) continue
    if (show === 'all' || amiss.has(line) || isShown(partsOf(index.content(line), index.encoding), index.encoding, show)) lines.push(line)
  }
  kept.left = { findings, filter, show, lines: Uint32Array.from(lines) }
  return kept.left.lines
}

/** In UTF-16 an entry is both: one to the eye, and none to any system. */
const isShown = ({ kind, entry }: Parts, encoding: Encoding, show: 'entries' | 'problems'): boolean => (show === 'entries' ? entry !== null : shownKind(kind, encoding) === 'unreadable')

const shownKind = (kind: HostsRow['kind'], encoding: Encoding): HostsRow['kind'] => (isWide(encoding) && kind === 'entry' ? 'unreadable' : kind)

function rowOf(index: LineIndex, line: number, group: string | null, findings: HostsFinding[]): Omit<HostsRow, 'use'> {
  const { encoding } = index
  const { kind, units, entry } = partsOf(index.content(line), encoding)
  const letters = (from: number, to?: number) => lettersOf(units.slice(from, to), encoding)
  const address = entry && letters(entry.address.from, entry.address.to)
  const shown = shownKind(kind, encoding)
  return {
    line,
    kind: shown,
    text: cut(letters(0)),
    address,
    names: entry?.names.map(({ from, to }) => letters(from, to)) ?? [],
    comment: entry ? entry.comment && letters(entry.comment.from).trim() : kind === 'comment' ? letters(units.indexOf('#') + 1).trim() : null,
    group,
    findings: shown === 'entry' && address !== null ? findingsAt({ line, address }, findings) : findings,
  }
}
