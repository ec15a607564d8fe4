// The hosts file: what stands in it, one edit, and what is amiss or would be.
import { z } from 'zod'
import { call, event, stream } from './call.ts'
import { serverId } from './server-id.ts'

/** Counted from 1, in the file whose hash is given beside it. */
const line = z.number().int().min(1)
const lines = z.array(line).min(1).max(200_000)

/** SHA-256 of the whole file, hexadecimal: what was read is what is edited, or nothing is. */
const hash = z.string().regex(/^[\da-f]{64}$/)

/** A comment is one line of text; a `#` more or a line break would make something else of it. */
const comment = z.string().max(2_000).regex(/^[^\r\n\0]*$/, 'a comment is a single line.')
const address = z.union([z.ipv4(), z.ipv6()], { error: (issue) => `“${String(issue.input)}” is not an IP address, such as 203.0.113.25 or 2001:db8::25.` })
const name = z
  .string()
  .max(253, 'a host name has at most 253 letters.')
  .regex(/^[^\s#\0]+$/, 'a host name has no spaces and no “#” in it, such as mx1.example.test.')
const names = z.array(name).min(1, 'give at least one host name.').max(1_000)

export const hostsEntrySchema = z.object({ address, names, comment: comment.nullable().default(null) })
export type NewHostsEntry = z.input<typeof hostsEntrySchema>

/** One edit is one save and one undo. It touches the lines that it names, and no byte of another. */
export const hostsEditSchema = z.discriminatedUnion('kind', [
  /** After this line, or at the end where it is null. */
  z.object({ kind: z.literal('add'), entries: z.array(hostsEntrySchema).min(1).max(1_000), after: line.nullable().default(null) }),
  /** What is left out stays as it is; a comment of null is taken away. */
  z.object({ kind: z.literal('set'), line, address: address.optional(), names: names.optional(), comment: comment.nullable().optional() }),
  z.object({ kind: z.literal('enable'), lines }),
  z.object({ kind: z.literal('disable'), lines }),
  z.object({ kind: z.literal('remove'), lines }),
  /** Before this line, or to the end where it is null. */
  z.object({ kind: z.literal('move'), lines, before: line.nullable() }),
  /** Under a heading `# [NAME]`, where the first of them stands. A group ends at a blank line or the next heading. */
  z.object({ kind: z.literal('group'), lines, name: z.string().min(1).max(200).regex(/^[^\r\n\0[\]]+$/, 'a group’s name is a single line without brackets.') }),
  /** A whole line as it is typed in the text view; `after` a line (0: before the first) or instead of it. */
  z.object({ kind: z.literal('text'), line: z.number().int().min(0), text: z.string().max(100_000).regex(/^[^\r\n]*$/, 'that is more than one line.'), instead: z.boolean() }),
])
export type HostsEdit = z.output<typeof hostsEditSchema>

export const hostsWantedSchema = z.object({
  hash,
  edit: hostsEditSchema,
  /** Also where the file is read-only or hidden: both are restored afterwards. */
  evenReadOnly: z.boolean().default(false),
})
export type HostsWanted = z.output<typeof hostsWantedSchema>

/** A line of a diff with three lines of context; `line` is its number before, or after where it was added. */
export const patchLineSchema = z.object({ kind: z.enum(['kept', 'removed', 'added', 'left out']), line: z.number().int(), text: z.string() })
export type PatchLine = z.infer<typeof patchLineSchema>

export const hostsFindingKinds = [
  'shadowed',
  'duplicate',
  'impossible-address',
  'too-many-names',
  'unusual-name',
  'dns-differs',
  'points-nowhere',
] as const
/**
 * `shadowed`: an earlier line gives the name another address, and wins. `duplicate`: an earlier line says the same.
 * `impossible-address`: no host can have it. `too-many-names`: Windows reads nine names of a line. `unusual-name`: a
 * name with letters that resolvers do not all take. `dns-differs`: the chosen DNS servers answer otherwise, which the
 * entry hides. `points-nowhere`: a mail host of a waiting domain at whose address nothing takes mail.
 */
export const hostsFindingSchema = z.object({ kind: z.enum(hostsFindingKinds), line, level: z.enum(['info', 'warning']), text: z.string() })
export type HostsFinding = z.infer<typeof hostsFindingSchema>

export const hostsRowKinds = ['entry', 'disabled', 'heading', 'comment', 'blank', 'unreadable'] as const
export const hostsRowSchema = z.object({
  line,
  kind: z.enum(hostsRowKinds),
  /** The line without its ending; cut after 4000 letters. */
  text: z.string(),
  address: z.string().nullable(),
  names: z.array(z.string()),
  comment: z.string().nullable(),
  /** The heading that it stands under. */
  group: z.string().nullable(),
  /** Those that need no DNS server: `hosts.check` finds the rest. */
  findings: z.array(hostsFindingSchema),
  /** Whether the transport uses it, and why or why not; null where it is no entry. */
  use: z.object({ used: z.boolean(), text: z.string() }).nullable(),
})
export type HostsRow = z.infer<typeof hostsRowSchema>

export const hostsFileSchema = z.object({
  path: z.string(),
  hash,
  /** False where there is no file yet: the first save makes it. */
  exists: z.boolean(),
  bytes: z.number().int(),
  lines: z.number().int(),
  entries: z.number().int(),
  encoding: z.enum(['UTF-8', 'UTF-8 with BOM', 'UTF-16 LE', 'UTF-16 BE', 'ANSI']),
  lineEndings: z.enum(['LF', 'CRLF', 'mixed', 'none']),
  readOnly: z.boolean(),
  hidden: z.boolean(),
  /** What a save will do where it is not the usual: `in place, since the file is mounted`, `“/data/hosts”, where the link leads`. */
  notes: z.array(z.string()),
  /** What the transport makes of hosts entries, in words. */
  transport: z.string(),
})
export type HostsFile = z.infer<typeof hostsFileSchema>

export const hostsShows = ['all', 'entries', 'problems'] as const

/** What somebody else wrote meanwhile beside what one wanted, over what both began with. */
export const threeWaySchema = z.object({
  theirs: z.array(patchLineSchema),
  ours: z.array(patchLineSchema),
  /** The same edit on what stands there now, and what it would do; null where both touched the same lines. */
  merged: z.object({ hash, edit: hostsEditSchema, patch: z.array(patchLineSchema) }).nullable(),
  conflicts: z.array(z.object({ line, before: z.string(), theirs: z.string(), ours: z.string() })),
})
export type ThreeWay = z.infer<typeof threeWaySchema>

/** A save of the last 100, as the journal has it. */
export const hostsSaveSchema = z.object({
  id: z.uuid(),
  at: z.string(),
  by: z.string(),
  words: z.array(z.string()),
  patch: z.array(patchLineSchema),
  /** Taken back since, by an undo. */
  undone: z.boolean(),
  /** It is an undo itself. */
  isUndo: z.boolean(),
})
export type HostsSave = z.infer<typeof hostsSaveSchema>

export const hosts = {
  /** Rows stay in main: the view asks for those that it shows. `total` counts what the filter leaves. */
  list: call(
    z.object({
      server: serverId,
      /** Found in address, names, comment or group, without case. */
      filter: z.string().max(500).default(''),
      show: z.enum(hostsShows).default('all'),
      page: z.object({ offset: z.number().int().min(0), limit: z.number().int().min(1).max(10_000) }),
    }),
    z.object({ file: hostsFileSchema, rows: z.array(hostsRowSchema), total: z.number().int() }),
  ),
  /** Where the lines of a file that was read before stand now; null for one that is gone. */
  moved: call(z.object({ server: serverId, hash, lines: z.array(line).max(200_000) }), z.object({ hash, lines: z.array(line.nullable()) })),
  /** Everything that is amiss, also what only DNS servers and destinations can tell. */
  check: stream(z.object({ server: serverId }), hostsFindingSchema, z.object({
    file: hostsFileSchema,
    findings: z.array(hostsFindingSchema),
    /** What could not be found out, a sentence each: DNS servers that do not answer, or too many names. */
    notKnown: z.array(z.string()).default([]),
  })),
  /** Entries for the mail hosts of a queue's domain, with the addresses that any adapter's DNS servers know. */
  suggest: call(
    z.object({ server: serverId, queue: z.string() }),
    z.object({ entries: z.array(z.object({ name: z.string(), address: z.string().nullable(), text: z.string() })), text: z.string() }),
  ),
  /** After a save was refused since the file had changed meanwhile. */
  compare: call(z.object({ server: serverId, hash, edit: hostsEditSchema }), threeWaySchema),
  /** Newest first; `next` is the one that an undo takes back now. */
  history: call(z.object({ server: serverId }), z.object({ saves: z.array(hostsSaveSchema), next: z.uuid().nullable() })),
  /** The file was written, replaced or removed, by anybody. */
  changed: event(z.object({ server: serverId, revision: z.number().int() })),
}
