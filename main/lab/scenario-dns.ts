// The DNS part of a scenario: records, the DNS servers with their behaviour, and blocklists.
import { z } from 'zod'
import { dnsServer } from '../../preload/contract/dns.ts'
import { readRecord, type ZoneRecord } from './zone.ts'

export const address = z.union([z.ipv4(), z.ipv6()], 'an IP address is wanted, such as 198.51.100.25')
export const domain = z.string().regex(/^([a-z\d_]([a-z\d_-]{0,61}[a-z\d_])?\.)*[a-z\d_]([a-z\d_-]{0,61}[a-z\d_])?$/i, 'a domain is wanted, such as example.test')

/** `NAME TYPE DATA`; zone.ts says which types there are. */
export const record = z.string().transform((line, context): ZoneRecord => {
  const read = readRecord(line)
  if ('problem' in read) {
    context.addIssue({ code: 'custom', message: read.problem })
    return z.NEVER
  }
  return read
})

export const behaviours = ['answer', 'silent', 'servfail', 'refused', 'nxdomain', 'lie', 'slow', 'truncate', 'ignore-aaaa', 'not-recursive'] as const
export type Behaviour = (typeof behaviours)[number]

export const dnsServerOfLab = z
  .strictObject({
    /** With a port where it is not 53. */
    address: dnsServer,
    /**
     * `answer` says what its zone says; `silent` takes queries and never answers; `servfail` and `refused` answer with
     * that code; `nxdomain` denies that any name exists; `lie` gives `addresses` for every host that its zone has;
     * `slow` answers after `delay`; `truncate` answers over TCP only and says so over UDP (TC); `ignore-aaaa` is silent
     * when asked for an IPv6 address; `not-recursive` refers whoever asks to the root and offers no recursion (lame).
     */
    behaviour: z.enum(behaviours),
    /** What this server says, where it differs from the scenario's own `zone`; it is then an authority for these names (AA). */
    zone: z.array(record).optional(),
    /** The wrong addresses of one that lies. */
    addresses: z.array(address).min(1).optional(),
    /** Milliseconds before each answer. */
    delay: z.number().int().min(0).max(60_000).optional(),
    /** False: queries over TCP are never answered. */
    tcp: z.boolean().default(true),
  })
  .superRefine(({ behaviour, addresses, delay }, context) => {
    const problem = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message })
    if (behaviour === 'lie' && !addresses) problem('addresses', 'a DNS server that lies needs the wrong addresses that it gives')
    if (behaviour !== 'lie' && addresses) problem('addresses', 'only a DNS server that lies has these')
    if (behaviour === 'slow' && delay === undefined) problem('delay', 'a slow DNS server needs the milliseconds that it takes')
  })
export type DnsServerOfLab = z.infer<typeof dnsServerOfLab>

export const blocklist = z.strictObject({
  /** Its DNS zone: `dnsbl.example.test`. */
  zone: domain,
  /** The addresses and domains on it. */
  lists: z.array(z.union([address, domain])).default([]),
  /** What it answers for what is on it (RFC 5782). */
  code: z.ipv4().default('127.0.0.2'),
  /** The text beside each (TXT). */
  reason: z.string().max(255).optional(),
  /** What it answers to every question, its test points included, as one does that refuses the asker: `127.255.255.254`. */
  answersAll: z.ipv4().optional(),
  /** False: nobody keeps it any more, so that not even its test point is listed. */
  alive: z.boolean().default(true),
})
export type Blocklist = z.infer<typeof blocklist>
