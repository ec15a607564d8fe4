// The embedded relay's settings file: what the administrator chose. Read at each start of the service.
import { readFile, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { isIP } from 'node:net'
import writeFileAtomic from 'write-file-atomic'
import { z } from 'zod'
import { dnsLookupsSchema, type DnsServerAddress } from '../../../preload/contract/dns.ts'
import { Failure, firstProblem } from '../../../preload/contract/failure.ts'
import { limitDefaults, limitsSchema } from '../../../preload/contract/limits.ts'
import { reason } from '../reason.ts'
import { type Home, homeFailure } from './home.ts'

/** Loopback, and not port 25: that needs an administrator, and is the port of the mail server that may be here. */
export const defaultListen = '127.0.0.1:2525'

const listen = z.string().refine((text) => parseListen(text) !== null, {
  message: 'must be an IP address and a port, such as 127.0.0.1:2525',
})

const hostName = /^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/i
const domain = z.string().max(253).regex(hostName, 'must be a domain, such as example.com')

/** A mailbox server: a name or address, with a port where it is not 25. */
export function parseNextHop(text: string): { host: string; port: number } {
  if (isIP(text)) return { host: text, port: 25 }
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d{1,5}))?$/.exec(text) ?? []
  return { host: bracketed ?? plain ?? '', port: port === undefined ? 25 : Number(port) }
}

const nextHop = z.string().refine((text) => {
  const { host, port } = parseNextHop(text)
  return (isIP(host) > 0 || (host.length <= 253 && hostName.test(host))) && port >= 1 && port <= 65_535
}, 'must be a host name or an IP address, with a port where it is not 25, such as mailbox.example.com')
const { transientFailureRetryInterval, messageExpirationTimeout, delayNotificationTimeout, maxPerDomainOutboundConnections } = limitsSchema.shape
const limits = z.strictObject({
  transientFailureRetryInterval: transientFailureRetryInterval.default(limitDefaults.transientFailureRetryInterval),
  messageExpirationTimeout: messageExpirationTimeout.default(limitDefaults.messageExpirationTimeout),
  delayNotificationTimeout: delayNotificationTimeout.default(limitDefaults.delayNotificationTimeout),
  maxPerDomainOutboundConnections: maxPerDomainOutboundConnections.default(limitDefaults.maxPerDomainOutboundConnections),
})

const unset = { source: { kind: 'all-adapters' }, protocol: 'any' } as const

export const settingsSchema = z.strictObject({
  /** The edge server's name, which it says in HELO. */
  name: z.string().max(253).regex(hostName, 'must be a host name, such as edge.example.com').default(() => (hostName.test(hostname()) ? hostname() : 'localhost')),
  listen: listen.optional(),
  lookups: dnsLookupsSchema.default({ internal: unset, external: unset, useExternalForInternet: false }),
  /** Domains that this edge takes mail for, each with the mailbox server behind it. */
  acceptedDomains: z
    .array(z.strictObject({ domain, nextHop }))
    .refine((list) => new Set(list.map((one) => one.domain.toLowerCase())).size === list.length, 'names a domain twice')
    .default([]),
  /** What a DNS server is asked for before a change where no mail waits; the root's name servers where it is absent. */
  controlName: domain.optional(),
  limits: limits.default(limitDefaults),
  /** Bytes: with less free on the disk that holds the queue no mail is taken (`452 4.3.1`). 0: as long as there is any. */
  minimumFreeSpace: z.number().int().min(0).optional(),
  /** PEM files: what the relay shows in TLS, to those that send to it and to those that ask for it. Without one it offers no TLS. */
  certificate: z.strictObject({ cert: z.string().min(1), key: z.string().min(1) }).optional(),
  /** Addresses of this machine that connections to destinations leave from, in turn; where it is absent the system chooses. */
  outboundAddresses: z.array(z.union([z.ipv4(), z.ipv6()])).min(1).max(50).optional(),
})
export type Settings = z.infer<typeof settingsSchema>

/** `127.0.0.1:2525` or `[::1]:2525`; null where it is neither. */
export function parseListen(text: string): DnsServerAddress | null {
  const match = /^\[?([^\]]+?)\]?:(\d{1,5})$/.exec(text)
  if (!match?.[1] || !match[2] || !isIP(match[1])) return null
  const port = Number(match[2])
  return port >= 1 && port <= 65_535 ? { address: match[1], port } : null
}

/** The file's own text; empty where there is none yet. */
export async function readSettingsText(home: Home): Promise<string> {
  try {
    return await readFile(home.settings, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOTDIR') throw homeFailure(home, error)
    if (code === 'EACCES' || code === 'EPERM')
      throw new Failure('needs-administrator', `The settings file ${home.settings} may not be read.`, 'Ask as the user whose home folder this is, or as an administrator.')
    if (code === 'EISDIR') throw new Failure('failed', `A folder stands where the settings file belongs: ${home.settings}.`, 'Move it away.')
    throw new Failure('failed', `The settings file ${home.settings} cannot be read: ${reason(error)}.`)
  }
}

/** A file that is not there gives the defaults; a damaged one is a Failure and is left as it is. */
export async function readSettings(home: Home): Promise<Settings> {
  return parseSettings(home, await readSettingsText(home))
}

export function parseSettings(home: Home, text: string): Settings {
  if (text === '') return settingsSchema.parse({})
  let value: unknown
  try {
    value = JSON.parse(text.replace(/^\ufeff/, ''))
  } catch (error) {
    throw damaged(home, error instanceof Error ? error.message : 'it is not JSON')
  }
  const parsed = settingsSchema.safeParse(value)
  if (!parsed.success) throw damaged(home, firstProblem(parsed.error))
  return parsed.data
}

export const printSettings = (settings: Settings): string => `${JSON.stringify(settings, null, 2)}\n`

function damaged(home: Home, why: string): Failure {
  return new Failure(
    'failed',
    `The settings file ${home.settings} is damaged: ${why}.`,
    'Mend it, or move it away to start from the defaults. It was left as it is.',
  )
}

/** Synced and renamed into place; an empty text takes the file away, as it was before there were settings. */
export async function writeSettingsText(home: Home, text: string): Promise<void> {
  try {
    if (text === '') await rm(home.settings, { force: true })
    else await writeFileAtomic(home.settings, text, { mode: 0o600 })
  } catch (error) {
    throw homeFailure(home, error)
  }
}
