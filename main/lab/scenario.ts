// The format of a scenario file: an incident with all that it needs of the world. Unknown fields are refused by name.
import { z } from 'zod'
import { adapterKinds, adapterStates } from '../../preload/contract/adapters.ts'
import { dnsServer, printDnsServer, protocols } from '../../preload/contract/dns.ts'
import { Failure, firstProblem } from '../../preload/contract/failure.ts'
import { readRecord, type ZoneRecord } from './zone.ts'

const address = z.union([z.ipv4(), z.ipv6()], 'an IP address is wanted, such as 198.51.100.25')
const mailAddress = z.string().regex(/^[^\s<>@]+@[^\s<>@]+$/, 'a mail address is wanted, such as alice@example.test')

const record = z.string().transform((line, context): ZoneRecord => {
  const read = readRecord(line)
  if ('problem' in read) {
    context.addIssue({ code: 'custom', message: read.problem })
    return z.NEVER
  }
  return read
})

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

export const behaviours = ['answer', 'silent', 'servfail', 'refused', 'nxdomain'] as const
export type Behaviour = (typeof behaviours)[number]

const dnsServerOfLab = z.strictObject({
  /** With a port where it is not 53. */
  address: dnsServer,
  /**
   * `answer` says what its zone says; `silent` takes queries and never answers; `servfail` and `refused` answer with
   * that code; `nxdomain` denies that any name exists.
   */
  behaviour: z.enum(behaviours),
  /** What this server says, where it differs from the scenario's own `zone`. */
  zone: z.array(record).optional(),
})

const destination = z.strictObject({
  address,
  port: z.number().int().min(1).max(65535).default(25),
  /** What it calls itself in its greeting. */
  banner: z.string().regex(/^[\x20-\x7e]+$/, 'one line of ASCII is wanted').default('mail.example.test'),
  /** False: it defers every recipient with `451 4.3.2`. */
  accepts: z.boolean().default(true),
})

const message = z.strictObject({
  from: mailAddress,
  to: mailAddress,
  subject: z.string().regex(/^[^\r\n]*$/, 'one line is wanted').default('Rehearsal'),
})

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
    /**
     * What the world's DNS says, one record a line: `example.test MX 10 mail.example.test`.
     * Types: A, AAAA, MX, CNAME, NS, PTR, TXT.
     */
    zone: z.array(record),
    /** The DNS servers that exist; any other address is a dead end. */
    dnsServers: z.array(dnsServerOfLab).min(1),
    /** The mail servers that exist. */
    destinations: z.array(destination).default([]),
    /** The mail that is sent through the edge server when the scene is set. */
    messages: z.array(message).min(1).max(1000),
    /** What a right diagnosis names, in the order in which the causes bite, the remedy it chooses, and how it ends. */
    expected: z.strictObject({
      causes: z.array(z.string()),
      remedy: z.string().nullable(),
      result: z.enum(['delivered', 'still waiting', 'nothing wrong']),
    }),
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
    'Every field is described in main/lab/scenario.ts; main/lab/scenarios/wrong-adapter.json is an example.',
  )
}
