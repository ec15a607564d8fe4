// What is asked about the hosts file: its rows, what is amiss, what would help a queue, and what was saved before.
import type { Answers } from '../preload/contract/index.ts'
import { Failure } from '../preload/contract/failure.ts'
import type { HostsFile, HostsFinding } from '../preload/contract/hosts.ts'
import type { ServerId } from '../preload/contract/server-id.ts'
import type { Properties } from '../preload/contract/servers.ts'
import type { Edge } from './edgewise.ts'
import { type HostsRead, readHostsFile } from './hosts/file.ts'
import { findingsOf } from './hosts/findings.ts'
import { type Hosts, type HostsEntry, parseHosts } from './hosts/lines.ts'
import { movedLines, threeWay } from './hosts/moved.ts'
import { rowsOf } from './hosts/rows.ts'
import { winnersOf } from './hosts/winners.ts'
import { HostsContents } from './hosts-contents.ts'
import { useOf } from './transport/hosts-use.ts'

/** A file that was read and all that is made of it: kept until it is another. */
interface Looked {
  read: HostsRead
  hosts: Hosts
  findings: HostsFinding[]
  /** Made when it is first asked for: most files need none to be shown. */
  winners(): Map<string, HostsEntry[]>
  use: Properties['hosts']
}

export function hostsAnswers(edge: (server: ServerId) => Edge): Answers['hosts'] {
  const contents = new HostsContents()
  const last = new Map<ServerId, Looked>()

  const look = async (server: ServerId): Promise<Looked> => {
    const { world, transport } = edge(server)
    const read = await readHostsFile(world.hostsFile)
    contents.remember(read.hash, read.bytes)
    const before = last.get(server)
    if (before?.read.hash === read.hash) {
      before.read = read
      return before
    }
    const hosts = parseHosts(read.bytes)
    const { hosts: use } = await transport.properties()
    const looked = { read, hosts, findings: findingsOf(hosts, world.system), winners: once(() => winnersOf(hosts)), use }
    last.set(server, looked)
    return looked
  }

  const contentOf = async (server: ServerId, hash: string): Promise<Buffer> => {
    const bytes = contents.find(hash) ?? (await edge(server).changes.hostsContent(hash))
    if (bytes) return bytes
    throw new Failure('not-found', 'What the hosts file was when you read it is not known any more.', 'Read it anew, and make the change there.')
  }

  return {
    list: async ({ server, ...asked }) => {
      const looked = await look(server)
      const { rows, total } = rowsOf(looked.hosts, looked.findings, asked)
      return { file: fileOf(looked), rows: rows.map((row) => ({ ...row, use: useOf(row, looked.winners, looked.use) })), total }
    },
    moved: async ({ server, hash, lines }) => {
      const { read } = await look(server)
      return { hash: read.hash, lines: movedLines(await contentOf(server, hash), read.bytes, lines) }
    },
    check: async ({ server }, { signal, progress }) => {
      const looked = await look(server)
      for (const finding of looked.findings) progress(finding)
      const { checkHosts } = await import('./diagnosis/hosts-check.ts')
      const { findings, notKnown } = await checkHosts({ ...edge(server), winners: looked.winners(), signal, told: progress })
      return { file: fileOf(looked), findings: [...looked.findings, ...findings].sort((a, b) => a.line - b.line), notKnown }
    },
    suggest: async ({ server, queue }, { signal }) => (await import('./diagnosis/hosts-suggest.ts')).suggestEntries(edge(server), queue, signal),
    compare: async ({ server, hash, edit }) => {
      const { read } = await look(server)
      return threeWay(await contentOf(server, hash), read.bytes, edit)
    },
    history: async ({ server }) => {
      const { saves, next } = await edge(server).changes.hostsHistory()
      return { saves, next }
    },
  }
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | null = null
  return () => (made ??= { value: make() }).value
}

function fileOf({ read, hosts, use }: Looked): HostsFile {
  const { path, hash, exists, bytes, readOnly, hidden, notes } = read
  const { encoding, lineEndings, lines } = hosts
  const entries = lines.reduce((count, { entry }) => count + (entry ? 1 : 0), 0)
  return { path, hash, exists, bytes: bytes.length, lines: lines.length, entries, encoding, lineEndings, readOnly, hidden, notes, transport: use.text }
}
