// What is asked of bridge.ps1 and what it answers: one schema for each operation, with the cmdlets that it may use. What
// comes from the bridge is parsed here before anything else sees it.
import { z } from 'zod'

const text = z.string().nullish().transform((value) => value ?? null)
/** A single value comes as text where a list of one was meant. */
const texts = z.union([z.array(z.string()), z.string().transform((one) => [one])]).nullish().transform((value) => value ?? [])
const count = z.number().int()
const date = text

/** The values of Get-TransportService and Get-TransportServer; an older Exchange has fewer. */
export const transportSchema = z.object({
  Name: z.string(),
  InternalDNSAdapterEnabled: z.boolean(),
  InternalDNSAdapterGuid: z.string(),
  InternalDNSServers: texts,
  InternalDNSProtocolOption: z.string(),
  ExternalDNSAdapterEnabled: z.boolean(),
  ExternalDNSAdapterGuid: z.string(),
  ExternalDNSServers: texts,
  ExternalDNSProtocolOption: z.string(),
  /** Intervals: `[d.]hh:mm:ss[.fffffff]`. */
  OutboundConnectionFailureRetryInterval: text,
  TransientFailureRetryInterval: text,
  TransientFailureRetryCount: count.nullish(),
  MessageExpirationTimeout: text,
  DelayNotificationTimeout: text,
  /** A number or `unlimited`. */
  MaxOutboundConnections: text,
  MaxPerDomainOutboundConnections: text,
  MessageTrackingLogEnabled: z.boolean().nullish(),
  MessageTrackingLogPath: text,
  ConnectivityLogEnabled: z.boolean().nullish(),
  ConnectivityLogPath: text,
  SendProtocolLogPath: text,
  ReceiveProtocolLogPath: text,
  ReplayDirectoryPath: text,
  WhenChanged: date,
})
export type TransportValues = z.infer<typeof transportSchema>

/** What can be set, in one call: name → value as the cmdlet takes it. */
export const setValues = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]))

export const queueSchema = z.object({
  Identity: z.string(),
  NextHopDomain: text,
  DeliveryType: text,
  Status: z.string(),
  MessageCount: count,
  NextRetryTime: date,
  LastRetryTime: date,
  LastError: text,
  NextHopCategory: text,
  RetryCount: count.nullish(),
})
export type ExchangeQueue = z.infer<typeof queueSchema>

const target = { Identity: z.string(), Queue: text, FromAddress: text, DateReceived: date }
export const targetSchema = z.object(target)
export const messageSchema = z.object({
  ...target,
  Subject: text,
  InternetMessageId: text,
  Status: z.string(),
  /** Bytes. */
  Size: z.union([z.number(), z.string()]).nullish(),
  SourceIP: text,
  ExpirationTime: date,
  LastError: text,
  RetryCount: count.nullish(),
  DeferReason: text,
})
export type ExchangeMessage = z.infer<typeof messageSchema>

const recipient = z.object({ Address: z.string(), Status: text, LastError: text })
const connector = z.object({ Identity: z.string(), Name: text, Enabled: z.boolean().nullish(), AddressSpaces: texts, SmartHosts: texts, UseExternalDNSServersEnabled: z.boolean().nullish(), WhenChanged: date })

export const errorSchema = z.object({ type: z.string(), message: z.string(), fqid: z.string(), category: z.string() })

const none = z.object({})
/** `bookmark` is 1 for the first. */
const page = z.object({ filter: z.string().optional(), sort: z.string().optional(), limit: z.number().int(), bookmark: z.number().int() })
const identity = z.object({ identity: z.string().min(1) })
/** A message as it was chosen: done only where sender and arrival are still these. */
const item = z.object({ identity: z.string().min(1), from: z.string(), received: z.string() })
const rows = z.object({ rows: z.array(z.object({ identity: z.string(), outcome: z.enum(['done', 'gone', 'failed']), error: errorSchema.optional() })) })
const items = z.object({ items: z.array(item).min(1) })

const operation = <A extends z.ZodType, D extends z.ZodType>(args: A, data: D, cmdlets: readonly string[]) => ({ args, data, cmdlets })
const transport = ['Get-TransportService', 'Get-TransportServer'] as const

/** The allowlist, as bridge.ps1 has it; `cmdlets` are those of Exchange and of the system that an operation uses. */
export const operations = {
  describe: operation(
    none,
    z.object({ Name: z.string(), Fqdn: text, Edition: text, AdminDisplayVersion: text, ServerRole: text, ProductID: text, IsEdgeServer: z.boolean().nullish(), WhenChanged: date, Modern: z.boolean(), PowerShell: z.string() }),
    ['Get-ExchangeServer'],
  ),
  'transport.get': operation(none, transportSchema, transport),
  'transport.set': operation(z.object({ values: setValues }), transportSchema, [...transport, 'Set-TransportService', 'Set-TransportServer']),
  'connectors.list': operation(none, z.object({ connectors: z.array(connector) }), ['Get-SendConnector']),
  'connector.set': operation(z.object({ identity: z.string().min(1), useExternal: z.boolean() }), z.object({ connectors: z.array(connector) }), ['Set-SendConnector', 'Get-SendConnector']),
  'adapters.list': operation(none, z.object({ adapters: z.array(z.object({ Name: text, AdapterGuid: z.string(), MacAddress: text, DnsServers: texts, IPAddresses: texts })) }), ['Get-NetworkConnectionInfo']),
  'domains.list': operation(none, z.object({ domains: z.array(z.object({ Name: text, DomainName: z.string(), DomainType: text, Default: z.boolean().nullish() })) }), ['Get-AcceptedDomain']),
  'service.get': operation(none, z.object({ Status: z.string(), Dependents: texts, Directory: text, ProcessId: count.nullable(), Since: date }), ['Get-Service', 'Get-WmiObject', 'Get-Process']),
  'service.start': operation(none, none, ['Get-Service']),
  'service.stop': operation(none, none, ['Get-Service']),
  'service.events': operation(none, z.object({ events: z.array(z.object({ EventID: z.union([z.number(), z.string()]), TimeGenerated: date, EntryType: text, Message: text })) }), ['Get-EventLog']),
  /** Of the message tracking log: how messages left, since a time (ISO 8601). */
  'tracking.list': operation(
    z.object({ since: z.string(), limit: z.number().int() }),
    z.object({ events: z.array(z.object({ Timestamp: date, EventId: z.string(), InternalMessageId: z.union([z.number(), z.string()]).nullish(), Sender: text, Recipients: texts, RecipientStatus: texts, ServerHostname: text, ServerIp: text })) }),
    ['Get-MessageTrackingLog'],
  ),
  'queues.list': operation(page, z.object({ queues: z.array(queueSchema) }), ['Get-Queue']),
  'queue.retry': operation(identity, none, ['Retry-Queue']),
  'queue.suspend': operation(identity, none, ['Suspend-Queue']),
  'queue.resume': operation(identity, none, ['Resume-Queue']),
  'messages.list': operation(page, z.object({ messages: z.array(messageSchema) }), ['Get-Message']),
  'messages.targets': operation(page, z.object({ messages: z.array(targetSchema) }), ['Get-Message']),
  'messages.count': operation(z.object({ filter: z.string().optional() }), z.object({ count }), ['Get-Message']),
  'message.get': operation(identity, z.object({ message: messageSchema.nullable(), recipients: z.array(recipient) }), ['Get-Message']),
  'messages.suspend': operation(items, rows, ['Get-Message', 'Suspend-Message']),
  'messages.resume': operation(items, rows, ['Get-Message', 'Resume-Message']),
  'messages.remove': operation(items.extend({ ndr: z.boolean() }), rows, ['Get-Message', 'Remove-Message']),
  'messages.export': operation(z.object({ items: z.array(item.extend({ path: z.string().min(1) })).min(1) }), rows, ['Get-Message', 'Suspend-Message', 'Resume-Message', 'Export-Message', 'AssembleMessage']),
}
export type Operations = typeof operations
export type OperationName = keyof Operations
export type Arguments<O extends OperationName> = z.input<Operations[O]['args']>
export type Data<O extends OperationName> = z.output<Operations[O]['data']>

/** What a line of the bridge's is, behind its mark. */
export const frameMark = '#edgewise '
export const frameSchema = z.union([
  z.object({ event: z.literal('loading'), ps: z.string(), bits: z.number() }),
  z.object({ event: z.literal('ready'), modern: z.boolean() }),
  z.object({ event: z.literal('failed'), error: errorSchema }),
  z.object({ id: z.number(), ok: z.literal(true), data: z.unknown(), warnings: z.array(z.string()), ms: z.number() }),
  z.object({ id: z.number().nullish(), ok: z.literal(false), error: errorSchema, warnings: z.array(z.string()).default([]), ms: z.number().default(0) }),
])
export type Frame = z.infer<typeof frameSchema>
