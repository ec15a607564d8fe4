// The edge servers in the result pane, their Properties and their transport service.
import { z } from 'zod'
import { call, event, stream } from './call.ts'
import { dnsLookupsSchema, inEffectSchema, protocols } from './dns.ts'
import { parameterSchema, parameterValues } from './parameters.ts'
import { serverId } from './server-id.ts'

export const transportNames = ['embedded', 'postfix', 'exchange'] as const
export type TransportName = (typeof transportNames)[number]

export const serviceStateSchema = z.object({
  state: z.enum(['stopped', 'starting', 'running', 'stopping']),
  pid: z.number().nullable(),
  /** Where the transport takes mail: `127.0.0.1:2525`. */
  listening: z.string().nullable(),
  /** ISO 8601. */
  since: z.string().nullable(),
  /** Why it is not running or what is amiss, where that is known. */
  note: z.string().nullable(),
})
export type ServiceState = z.infer<typeof serviceStateSchema>

/** What the transport cannot do, so that a tab shows it disabled with the reason, in words. */
export const capabilitiesSchema = z.object({
  /** Why there are no External DNS lookups; null where there are. */
  noExternal: z.string().nullable(),
  /** How DNS servers can be asked. */
  protocols: z.array(z.enum(protocols)).min(1),
  /** Why no other protocol is offered; null where all are. */
  protocolsText: z.string().nullable(),
  /** Whether a DNS server may have another port than 53. */
  ports: z.boolean(),
})
export type Capabilities = z.infer<typeof capabilitiesSchema>

export const propertiesSchema = z.object({
  name: z.string(),
  transport: z.enum(transportNames),
  version: z.string(),
  service: serviceStateSchema,
  /** Where Edgewise keeps what is its own of this edge server. */
  home: z.string(),
  /** The folder of Postfix’s main.cf; null of a transport that keeps its settings in the home folder. */
  configDir: z.string().nullable(),
  waiting: z.number().int().nullable(),
  lookups: dnsLookupsSchema,
  /** What the saved Internal DNS lookups came to when they were written; absent where each start looks that up. */
  savedServers: z.array(z.string()).optional(),
  /** The values of the parameters on the tab of this name. */
  limits: parameterValues,
  log: parameterValues,
  /** In the order of the tabs. */
  parameters: z.array(parameterSchema),
  capabilities: capabilitiesSchema,
  /** Domains that this edge takes mail for, each with the mailbox server behind it. */
  acceptedDomains: z.array(z.object({ domain: z.string(), nextHop: z.string() })),
  /** The name that DNS servers are asked for where no mail waits; null for the root's name servers. */
  controlName: z.string().nullable(),
  /** Addresses of this machine that connections to destinations leave from, in turn; absent where the system chooses. */
  outboundAddresses: z.array(z.string()).optional(),
  /** Null while the transport service does not run. */
  inEffect: z.object({ internal: inEffectSchema, external: inEffectSchema }).nullable(),
  /** The saved settings are not what the running service uses: it was not restarted since. */
  restartNeeded: z.boolean(),
  /** Whether the transport takes addresses from the hosts file, and what it makes of the entries, in words. */
  hosts: z.object({ reads: z.boolean(), text: z.string() }),
})
export type Properties = z.infer<typeof propertiesSchema>

export const edgeServerSchema = z.object({
  id: serverId,
  name: z.string(),
  transport: z.enum(transportNames),
  version: z.string(),
  service: serviceStateSchema,
  /** Messages that wait; null where the service cannot be asked. */
  waiting: z.number().int().nullable(),
})
export type EdgeServer = z.infer<typeof edgeServerSchema>

export const restartSteps = ['draining', 'stopping', 'stopped', 'starting', 'serving'] as const
/** `at` in milliseconds since the restart was asked for. */
export const restartStepSchema = z.object({ step: z.enum(restartSteps), at: z.number() })
export type RestartStep = z.infer<typeof restartStepSchema>

export const restartedSchema = z.object({
  steps: z.array(restartStepSchema),
  /** Milliseconds in which the service took no mail; 0 where it was not running before. */
  downtime: z.number(),
  service: serviceStateSchema,
})
export type Restarted = z.infer<typeof restartedSchema>

const one = z.object({ server: serverId })
const service = z.object({ service: serviceStateSchema })

export const servers = {
  list: call(z.object({}), z.object({ servers: z.array(edgeServerSchema) })),
  properties: call(one, z.object({ server: propertiesSchema })),
  serviceState: call(one, service),
  start: call(one, service),
  stop: call(one, service),
  restart: stream(one, restartStepSchema, restartedSchema),
  /** Something of this server changed: service, settings, what waits, or its journal. */
  changed: event(z.object({ server: serverId, revision: z.number().int() })),
}
