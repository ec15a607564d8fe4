// A change of the hosts file: one edit, its contents before and after kept on disk, proven by reading it back.
import { Failure } from '../../preload/contract/failure.ts'
import type { Described, Wanted } from '../../preload/contract/changes.ts'
import type { HostsEdit, HostsWanted, PatchLine } from '../../preload/contract/hosts.ts'
import type { Properties } from '../../preload/contract/servers.ts'
import { edited } from '../hosts/edit.ts'
import { hashOf, type HostsRead, readHostsFile } from '../hosts/file.ts'
import { findingsAt, findingsOf } from '../hosts/findings.ts'
import { LineIndex } from '../hosts/line-index.ts'
import { parseHosts } from '../hosts/lines.ts'
import { patchOf, wordsOf } from '../hosts/patch.ts'
import { saveHosts } from '../hosts/save.ts'
import { settleHosts } from '../hosts/settle.ts'
import { renamedIn } from '../hosts/winners.ts'
import { namesOnTheWay } from '../transport/mail-hosts.ts'
import type { Transport } from '../transport/transport.ts'
import type { World } from '../world/world.ts'
import type { Backups } from './backups.ts'
import type { Following } from './changes.ts'
import { type HostsHistory, when } from './hosts-history.ts'
import type { Entry } from './journal.ts'
import { quoted, withFlags } from './plan.ts'
import type { Prepared, Site, Subject, Which } from './subject.ts'
import { mailMoved, type Verdict, waitingMail } from './verify.ts'

/** A command of more words than this is no command to copy. */
const mostInCommand = 50

interface Change {
  read: HostsRead
  after: Buffer
  words: string[]
  command: string
  evenReadOnly: boolean
  undoes: string | null
}

export class HostsSubject implements Subject {
  private readonly world: World
  private readonly transport: Transport
  private readonly flags: string
  private readonly backups: Backups

  constructor({ world, transport, flags = '' }: Site, backups: Backups) {
    this.world = world
    this.transport = transport
    this.flags = flags
    this.backups = backups
  }

  readonly text = {
    applying: 'Writing the hosts file.',
    applied: 'The hosts file is saved.',
    verifying: 'Reading the hosts file back.',
    restored: 'The hosts file is what it was.',
    foreign: 'The hosts file was changed by somebody else since, and was left as it is.',
  }

  async prepare({ hosts }: Wanted, _following: Following, tell?: (described: Described) => void): Promise<Prepared> {
    if (!hosts) throw new Failure('bad-input', 'It is not said what is to be changed.')
    const { hash, edit, evenReadOnly } = hosts
    const read = await this.read(hash)
    const after = edited(read.bytes, edit)
    const prepared = await this.prepared({ read, after, words: wordsOf(edit, read.bytes), command: commandOf({ edit, evenReadOnly }), evenReadOnly, undoes: null })
    if (!tell) return prepared
    const described = { ...prepared.described, warnings: [...prepared.described.warnings, ...this.warningsOf(read.bytes, after, prepared.described.patch ?? [])] }
    tell(described)
    return { ...prepared, described }
  }

  /** Of a change of the hosts file that was kept: the bytes before it, and with it every later save's. */
  async prepareBack(entry: Entry, history: HostsHistory, evenReadOnly: boolean): Promise<Prepared> {
    this.mustBeOurs(entry)
    const read = await readHostsFile(this.world.hostsFile)
    const taken = history.back(entry, read.hash, this.backups.folder)
    const later = taken.slice(0, -1).filter(({ undoes }) => undoes === null)
    const words = [
      `The hosts file is again what it was before the change of ${when(entry.began)}${entry.words[0] ? `: ${entry.words[0]}` : '.'}`,
      ...later.map(({ began, words: [first = ''] }) => `The later one of ${when(began)} is taken back with it${first && `: ${first}`}`),
    ]
    const after = await this.backups.read(entry.before)
    return this.prepared({ read, after, words, command: `edgewise hosts undo ${entry.id}`, evenReadOnly: evenReadOnly || taken.some(({ hosts }) => hosts?.evenReadOnly), undoes: entry.id })
  }

  async now(entry: Entry): Promise<string> {
    this.mustBeOurs(entry)
    const [before, after] = await Promise.all([this.backups.find(entry.before), this.backups.find(entry.after)])
    // Without both, nothing can be mended; what stands there can still be told.
    if (!before || !after) return (await readHostsFile(this.world.hostsFile)).hash
    const stands = await settleHosts(this.world.hostsFile, before, after)
    return stands === 'foreign' ? stands : entry[stands]
  }

  /** The path is the world's own, never the journal's: whoever may write the journal may not choose what is written. */
  async write(entry: Entry, which: Which): Promise<void> {
    this.mustBeOurs(entry)
    const bytes = await this.backups.read(entry[which])
    await saveHosts(this.world.hostsFile, bytes, entry[which === 'after' ? 'before' : 'after'], { evenReadOnly: entry.hosts?.evenReadOnly ?? false })
  }

  async saved(entry: Entry): Promise<Verdict> {
    if (!(await this.readsBack(entry))) return { kind: 'failed', text: 'The hosts file does not read back as it was saved.' }
    return { kind: 'verified', text: 'Saved, and read back byte for byte.' }
  }

  private async readsBack(entry: Entry): Promise<boolean> {
    return (await readHostsFile(this.world.hostsFile)).hash === entry.after
  }

  private mustBeOurs({ hosts }: Entry): void {
    if (hosts?.path !== this.world.hostsFile)
      throw new Failure('failed', `The change is about the hosts file “${hosts?.path}”, and that of this world is “${this.world.hostsFile}”.`, 'Open Edgewise with the world file (--world) that the change was made with.')
  }

  private async read(hash: string): Promise<HostsRead> {
    const read = await readHostsFile(this.world.hostsFile)
    if (read.hash !== hash)
      throw new Failure('changed-meanwhile', `The hosts file “${read.path}” was changed since it was read. Nothing was written.`, 'Look at what is there now, and edit that.')
    return read
  }

  private async prepared({ read, after, words, command, evenReadOnly, undoes }: Change): Promise<Prepared> {
    const properties = await this.transport.properties()
    const isSame = after.equals(read.bytes)
    if (!isSame && (read.readOnly || read.hidden) && !evenReadOnly)
      throw new Failure('failed', `The hosts file “${read.path}” is ${read.readOnly ? 'read-only' : 'hidden'}. Nothing was changed.`, 'Save it “even if read-only” (--even-read-only): that stays as it is afterwards.')
    const patch = isSame ? [] : patchOf(read.bytes, after)
    const warnings = properties.hosts.reads ? [] : [properties.hosts.text]
    return {
      described: { words: isSame ? [] : words, diff: [], patch, warnings, command: { edgewise: withFlags(command, this.flags), powershell: null } },
      probed: [],
      // What it warns of may be wanted: names are switched off with addresses that no host has.
      refused: null,
      isIdle: () => isSame,
      entry: {
        kind: 'hosts',
        before: read.hash,
        after: hashOf(after),
        standing: null,
        hosts: { path: this.world.hostsFile, evenReadOnly },
        undoes,
        transport: properties.transport,
        wasRunning: properties.service.state !== 'stopped',
      },
      waited: () => this.waitingFor(renamedIn(parseHosts(read.bytes), parseHosts(after)), properties),
      secure: () => this.backups.keep(read.bytes, after),
      verify: (entry, since, signal) => this.verified(entry, since, signal),
    }
  }

  /** What is amiss with the lines that are new. */
  private warningsOf(before: Buffer, after: Buffer, patch: PatchLine[]): string[] {
    const [old, hosts] = [new LineIndex(before), parseHosts(after)]
    const text = (index: LineIndex, line: number) => index.content(line).toString('latin1')
    // A last line that only got its ending is none of them.
    const gone = new Set(patch.flatMap(({ kind, line }) => (kind === 'removed' ? [text(old, line)] : [])))
    const fresh = new Set(patch.flatMap(({ kind, line }) => (kind === 'added' && !gone.has(text(hosts.index, line)) ? [line] : [])))
    const found = findingsOf(hosts, this.world.system).filter(({ line }) => fresh.has(line))
    return [...fresh].flatMap((line) => {
      const ofLine = found.filter((finding) => finding.line === line)
      const entry = hosts.lines[line - 1]?.entry
      return entry ? findingsAt(entry, ofLine).map(({ text }) => text) : []
    })
  }

  /** Mail whose next hop is at another address then: no other mail is to move. */
  private async waitingFor(names: Set<string>, properties: Properties): Promise<string[]> {
    const waiting = await waitingMail(this.transport, properties)
    const queues = [...new Set(waiting.map(({ queue }) => queue))]
    const concerned = new Set<string>()
    await Promise.all(
      queues.map(async (queue) => {
        const way = await namesOnTheWay(this.transport, properties.acceptedDomains, queue)
        if (way.names.some((name) => names.has(name))) concerned.add(queue)
      }),
    )
    return waiting.filter(({ queue }) => concerned.has(queue)).map(({ id }) => id)
  }

  private async verified(entry: Entry, since: string, signal: AbortSignal): Promise<Verdict> {
    if (!(await this.readsBack(entry))) return { kind: 'failed', text: 'The hosts file does not read back as it was saved.' }
    if (entry.waited.length > 0) return mailMoved({ transport: this.transport, waited: entry.waited, since, signal })
    return { kind: 'verified', text: 'No mail waits for a host that this concerns; the hosts file reads back byte for byte, and the transport service runs.' }
  }
}

/** Empty where the command line has no such edit. */
function commandOf({ edit, evenReadOnly }: Pick<HostsWanted, 'edit' | 'evenReadOnly'>): string {
  const words = commandWords(edit)
  return words === null || words.length > mostInCommand ? '' : ['edgewise hosts', ...words, ...(evenReadOnly ? ['--even-read-only'] : [])].join(' ')
}

function commandWords(edit: HostsEdit): string[] | null {
  const [entry, another] = edit.kind === 'add' ? edit.entries : []
  if (edit.kind === 'add' && entry && !another && edit.after === null)
    return ['add', entry.address, ...entry.names.map(quoted), ...(entry.comment === null ? [] : ['--comment', quoted(entry.comment)])]
  if (edit.kind === 'set')
    return [
      'edit',
      String(edit.line),
      ...(edit.address === undefined ? [] : ['--address', edit.address]),
      ...(edit.names === undefined ? [] : ['--names', quoted(edit.names.join(','))]),
      ...(edit.comment === undefined ? [] : ['--comment', quoted(edit.comment ?? '')]),
    ]
  if (edit.kind === 'enable' || edit.kind === 'disable' || edit.kind === 'remove') return [edit.kind, ...edit.lines.map(String)]
  return null
}
