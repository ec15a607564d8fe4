// The format of a scenario file: an incident with all that it needs of the world. Unknown fields are refused by name.
import { z } from 'zod'
import { adapterKinds, adapterStates } from '../../preload/contract/adapters.ts'
import { dnsServer, printDnsServer, protocols } from '../../preload/contract/dns.ts'
import { Failure, firstProblem } from '../../preload/contract/failure.ts'
import { limitsSchema } from '../../preload/contract/limits.ts'
import { outcomeResults } from '../../preload/contract/rehearsal.ts'
import { destination, mailAddress } from './scenario-destination.ts'
import { address, blocklist, dnsServerOfLab, domain, record } from './scenario-dns.ts'

const adapter = z.strictObject({
  /** As the administrator sees it: `LAN`. Lookups below name adapters by it. */
  name: z.string().min(1),
  /** Its name is its id unless one is given: two adapters may have the same name, never the same id. */
  id: z.string().min(1).optional(),
  description: z.string().default(''),
  mac: z.string().nullable().default(null),
  kind: z.enum(adapterKinds).default('ethernet'),
  state: z.enum(adapterStates).default('up'),
  /** In CIDR form: `10.0.0.12/24`. */
  addresses: z.array(z.union([z.cidrv4(), z.cidrv6()], 'an address in CIDR form is wanted, such as 10.0.0.12/24')),
  /** In the order in which they are asked; what each does is said in `dnsServers` below. */
  dnsServers: z.array(dnsServer).default([]),
})

/** Exactly one of the three sources, as in the Properties dialog. */
const lookups = z
  .strictObject({
    allAdapters: z.literal(true).optional(),
    /** The name of an adapter above. */
    adapter: z.string().optional(),
    servers: z.array(dnsServer).min(1).optional(),
    protocol: z.enum(protocols).default('any'),
  })
  .refine(
    ({ allAdapters, adapter, servers }) => [allAdapters, adapter, servers].filter((source) => source !== undefined).length === 1,
    'exactly one of "allAdapters", "adapter" and "servers" is wanted',
  )

const message = z.strictObject({
  from: mailAddress,
  to: mailAddress,
  subject: z.string().regex(/^[^\r\n]*$/, 'one line is wanted').default('Rehearsal'),
  /** Bytes, at least; a text is added until it has so many. */
  size: z.number().int().min(0).max(50_000_000).default(0),
})

/** How the edge server appears to others. */
const egress = z.strictObject({
  /** The address that destinations see mail come from. */
  address: address.nullable().default(null),
  /** Further ones that connections leave from, in turn with `address`, so that destinations see now the one, now the other. */
  others: z.array(z.ipv4()).max(50).default([]),
  /** The names that the address has in the DNS (PTR). */
  ptr: z.array(domain).default([]),
  /** What it says in HELO. */
  helo: domain.default('mail.edge.test'),
})

const service = z.strictObject({
  /** True: the service was stopped after the mail was taken and tried. */
  stopped: z.boolean().default(false),
  /** Next hops whose queues were suspended before the mail came. */
  suspended: z.array(z.string().min(1)).default([]),
  /** Bytes that the disk with the queue has free; this machine's own where it is absent. Below 50 MB no mail is taken. */
  freeSpace: z.number().int().min(0).optional(),
  /** What the edge server shows in TLS, and in which state; made for the play. */
  certificate: z.enum(['none', 'good', 'expired']).default('none'),
})

const expected = z.strictObject({
  causes: z.array(z.string()),
  /** Null where this edge and nobody else named can do anything; absent where any is right. */
  remedy: z.string().nullable().optional(),
  result: z.enum(outcomeResults),
})

export type { Behaviour } from './scenario-dns.ts'

export const scenarioSchema = z
  .strictObject({
    /** What `edgewise rehearse NAME` calls it. */
    name: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'small letters, digits and hyphens are wanted, such as wrong-adapter'),
    /** The incident in one line. */
    title: z.string().min(1),
    /** What the administrator faces, in a few sentences. */
    story: z.string().min(1),
    /** The edge server's adapters. */
    adapters: z.array(adapter).min(1),
    /** The text of its hosts file. */
    hosts: z.string().default('127.0.0.1 localhost\n'),
    /** What was chosen before the incident; `useExternalForInternet` as in the send connector. */
    lookups: z.strictObject({ internal: lookups, external: lookups, useExternalForInternet: z.boolean().default(false) }),
    /** What the world's DNS says, one record a line: `example.test MX 10 mail.example.test`. */
    zone: z.array(record),
    /** The DNS servers that exist; any other address is a dead end. */
    dnsServers: z.array(dnsServerOfLab).min(1),
    /** The mail servers that exist, mailbox servers included. */
    destinations: z.array(destination).default([]),
    /** The domains that the edge takes mail for, each with the mailbox server behind it: a host or address, with a port where it is not 25. */
    acceptedDomains: z.array(z.strictObject({ domain, nextHop: z.string().min(1) })).default([]),
    /** The blocklists that are asked. */
    blocklists: z.array(blocklist).default([]),
    egress: egress.default(egress.parse({})),
    /** With Exchange's names, times in seconds; what is absent has its default. */
    limits: limitsSchema.partial().strict().default({}),
    service: service.default(service.parse({})),
    /** The mail that is sent through the edge server when the scene is set. */
    messages: z.array(message).min(1).max(1000),
    /** Seconds between the first attempt and the diagnosis. */
    lookAfter: z.number().min(0).max(10).default(0),
    /** What a right diagnosis names, in the order in which the causes bite, the remedy it chooses, and how it ends. */
    expected,
  })
  .superRefine((scenario, context) => {
    const problem = contradiction(scenario)
    if (problem) context.addIssue({ code: 'custom', ...problem })
  })

export type Scenario = z.infer<typeof scenarioSchema>

interface References {
  adapters: { name: string; id?: string | undefined }[]
  lookups: Record<'internal' | 'external', { adapter?: string | undefined }>
  dnsServers: { address: string }[]
  destinations: { address: string; port: number }[]
}

function contradiction({ adapters, lookups, dnsServers, destinations }: References): { message: string; path: (string | number)[] } | null {
  const names = adapters.map(({ name }) => name)
  const ids = adapters.map(({ id, name }) => id ?? name)
  const twice = repeated(ids)
  if (twice !== null) return { path: ['adapters', twice], message: `another adapter has the id “${ids[twice]}” already` }
  for (const side of ['internal', 'external'] as const) {
    const chosen = lookups[side].adapter
    if (chosen === undefined) continue
    const path = ['lookups', side, 'adapter']
    if (!names.includes(chosen)) return { path, message: `there is no adapter “${chosen}”; there are ${names.join(', ')}` }
    if (names.filter((name) => name === chosen).length > 1) return { path, message: `more than one adapter is called “${chosen}”` }
  }
  const server = repeated(dnsServers.map(({ address }) => address))
  if (server !== null) return { path: ['dnsServers', server, 'address'], message: 'this DNS server is listed twice' }
  const places = [...dnsServers.map((one) => one.address), ...destinations.map((one) => printDnsServer(one))]
  const place = repeated(places)
  if (place !== null) return { path: ['destinations', place - dnsServers.length], message: 'something else is at this address and port already' }
  return null
}

function repeated(list: string[]): number | null {
  const at = list.findIndex((item, index) => list.indexOf(item) !== index)
  return at === -1 ? null : at
}

/** A scenario, or the Failure that says which field is wrong. */
export function readScenario(value: unknown): Scenario {
  const parsed = scenarioSchema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new Failure(
    'bad-input',
    `The scenario cannot be used: ${firstProblem(parsed.error)}.`,
    'Every field is described in main/lab/scenarios/README.md; wrong-adapter.json beside it is an example.',
  )
}
