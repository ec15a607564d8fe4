// The embedded relay's settings file: what the administrator chose. Read at each start of the service.
import { readFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { isIP } from 'node:net'
import writeFileAtomic from 'write-file-atomic'
import { z } from 'zod'
import { dnsLookupsSchema, type DnsServerAddress } from '../../../preload/contract/dns.ts'
import { Failure, firstProblem } from '../../../preload/contract/failure.ts'
import { type Home, homeFailure } from './home.ts'

/** Loopback, and not port 25: that needs an administrator, and is the port of the mail server that may be here. */
export const defaultListen = '127.0.0.1:2525'

const listen = z.string().refine((text) => parseListen(text) !== null, {
  message: 'must be an IP address and a port, such as 127.0.0.1:2525',
})

const domain = z.string().regex(/^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/i, 'must be a domain, such as example.com')
const seconds = (least: number, most: number) => z.number().int().min(least).max(most)

/** Defaults and ranges of the limits: Exchange's Set-TransportService, Edge role, in seconds. */
const limitsSchema = z.strictObject({
  transientFailureRetryInterval: seconds(1, 43_200).default(600),
  messageExpirationTimeout: seconds(5, 90 * 86_400).default(2 * 86_400),
  delayNotificationTimeout: seconds(1, 30 * 86_400).default(4 * 3_600),
})

const unset = { source: { kind: 'all-adapters' }, protocol: 'any' } as const

export const settingsSchema = z.strictObject({
  /** The edge server's name, which it says in HELO. */
  name: z.string().min(1).max(255).default(() => hostname()),
  listen: listen.optional(),
  lookups: dnsLookupsSchema.default({ internal: unset, external: unset, useExternalForInternet: false }),
  /** Domains that this edge takes mail for, each with the mailbox server behind it. */
  acceptedDomains: z.array(z.strictObject({ domain, nextHop: z.string().min(1) })).default([]),
  limits: limitsSchema.default(limitsSchema.parse({})),
})
export type Settings = z.infer<typeof settingsSchema>

/** `127.0.0.1:2525` or `[::1]:2525`; null where it is neither. */
export function parseListen(text: string): DnsServerAddress | null {
  const match = /^\[?([^\]]+?)\]?:(\d{1,5})$/.exec(text)
  if (!match?.[1] || !match[2] || !isIP(match[1])) return null
  const port = Number(match[2])
  return port >= 1 && port <= 65_535 ? { address: match[1], port } : null
}

/** A file that is not there gives the defaults; a damaged one is a Failure and is left as it is. */
export async function readSettings(home: Home): Promise<Settings> {
  let text: string
  try {
    text = await readFile(home.settings, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return settingsSchema.parse({})
    if (error instanceof Error && 'code' in error && error.code === 'ENOTDIR') throw homeFailure(home, error)
    throw damaged(home, error instanceof Error ? error.message : String(error))
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw damaged(home, error instanceof Error ? error.message : 'it is not JSON')
  }
  const parsed = settingsSchema.safeParse(value)
  if (!parsed.success) throw damaged(home, firstProblem(parsed.error))
  return parsed.data
}

function damaged(home: Home, why: string): Failure {
  return new Failure(
    'failed',
    `The settings file ${home.settings} is damaged: ${why}.`,
    'Mend it, or move it away to start from the defaults. It was left as it is.',
  )
}

export async function writeSettings(home: Home, settings: Settings): Promise<void> {
  try {
    await writeFileAtomic(home.settings, `${JSON.stringify(settings, null, 2)}\n`, { mode: 0o600 })
  } catch (error) {
    throw homeFailure(home, error)
  }
}
