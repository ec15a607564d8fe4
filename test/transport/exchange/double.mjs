// A double of powershell.exe with bridge.ps1 and an Exchange behind it: it speaks the bridge's lines, keeps its state in a
// file, and can be told to misbehave while it runs. Started as the shell: node double.mjs STATE-FILE.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

const [, , stateFile = ''] = process.argv
const mark = '#edgewise '
const zeros = '00000000-0000-0000-0000-000000000000'

/**
 * What there is at first. `delivers`: the adapters (GUID) and DNS servers with which mail leaves; `mail`: messages that were sent to it by a test;
 * `many`: as many more wait from the start. `manner` is read anew at each request.
 */
/**
 * @typedef {{ id: number, from: string, to: string[], subject: string, size: number, received: number, domain: string }} Mail
 * @typedef {{ limit: number, bookmark: number, filter?: string, sort?: string }} Page
 * @typedef {{ identity: string, from: string, received: string, path?: string }} Item
 * @typedef {{ type: string, message: string, fqid: string, category: string }} Told
 * @typedef {Record<string, string | number | boolean | null>} Plain
 */
const fresh = {
  version: '2016',
  delivers: { adapters: /** @type {string[]} */ ([]), servers: /** @type {string[]} */ ([]) },
  adapters: /** @type {object[]} */ ([]),
  domains: /** @type {object[]} */ ([]),
  transport: {
    Name: 'EDGE01',
    InternalDNSAdapterEnabled: true, InternalDNSAdapterGuid: zeros, InternalDNSServers: /** @type {string[]} */ ([]), InternalDNSProtocolOption: 'Any',
    ExternalDNSAdapterEnabled: true, ExternalDNSAdapterGuid: zeros, ExternalDNSServers: [], ExternalDNSProtocolOption: 'Any',
    OutboundConnectionFailureRetryInterval: '00:30:00', TransientFailureRetryInterval: '00:10:00', TransientFailureRetryCount: 6,
    MessageExpirationTimeout: '2.00:00:00', DelayNotificationTimeout: '04:00:00', MaxOutboundConnections: '1000', MaxPerDomainOutboundConnections: '20',
    MessageTrackingLogEnabled: true, MessageTrackingLogPath: 'C:\\Exchange\\Logs\\MessageTracking', ConnectivityLogEnabled: true, ConnectivityLogPath: 'C:\\Exchange\\Logs\\Connectivity',
    SendProtocolLogPath: 'C:\\Exchange\\Logs\\SmtpSend', ReceiveProtocolLogPath: 'C:\\Exchange\\Logs\\SmtpReceive', ReplayDirectoryPath: '', WhenChanged: '2026-11-01T10:00:00.0000000Z',
  },
  connectors: [{ Identity: 'Internet', Name: 'Internet', Enabled: true, AddressSpaces: ['smtp:*;100'], SmartHosts: /** @type {string[]} */ ([]), UseExternalDNSServersEnabled: false, WhenChanged: '2026-11-01T10:00:00.0000000Z' }],
  service: /** @type {{ Status: string, ProcessId: number | null, Since: string | null, InEffect: { InternalDNSAdapterEnabled: boolean, InternalDNSAdapterGuid: string, InternalDNSServers: string[] } | null }} */ ({ Status: 'Running', ProcessId: 4711, Since: '2026-11-24T08:00:00.0000000Z', InEffect: null }),
  dependents: /** @type {string[]} */ ([]),
  many: 0,
  mail: /** @type {Mail[]} */ ([]),
  gone: /** @type {number[]} */ ([]),
  suspended: /** @type {number[]} */ ([]),
  suspendedQueues: /** @type {string[]} */ ([]),
  tracked: /** @type {{ Timestamp: string, [name: string]: unknown }[]} */ ([]),
  manner: /** @type {{ rubbish?: boolean, german?: boolean, stuck?: boolean, refuses?: boolean, hangs?: string, diesIn?: string, denies?: string, slow?: number, loads?: number }} */ ({}),
}

/** @returns {typeof fresh} */
const read = () => ({ ...fresh, ...(existsSync(stateFile) ? JSON.parse(readFileSync(stateFile, 'utf8')) : {}) })
let state = read()
const write = () => {
  writeFileSync(`${stateFile}.new`, JSON.stringify(state))
  renameSync(`${stateFile}.new`, stateFile)
}

/** An error as bridge.ps1 tells it. @param {string} type @param {string} message */
function fault(type, message, category = 'NotSpecified', fqid = '') {
  return Object.assign(new Error(message), { told: { type, message, fqid, category } })
}
/** @param {unknown} error @returns {Told} */
const toldOf = (error) => (error instanceof Error && 'told' in error ? /** @type {Told} */ (error.told) : { type: 'System.IO.IOException', message: String(error), fqid: '', category: 'WriteError' })
const missing = (/** @type {string} */ what) => fault('Microsoft.Exchange.Data.ObjectNotFoundException', `The object ${what} couldn't be found.`, 'ObjectNotFound')
const bad = (/** @type {string} */ message) => fault('System.ArgumentException', message, 'InvalidArgument')

const date = (/** @type {number} */ ms) => new Date(ms).toISOString().replace('Z', '0000Z')
const base = Date.parse('2026-11-24T06:00:00Z')
const fault447 = () => (state.manner.german
  ? '[{LRT=24.11.2026 16:00:00};{LED=451 4.4.0 DNS query failed. Der Wert 1,5 ist falsch.};{FQDN=};{IP=}]'
  : '[{LED=451 4.4.0 DNS query failed. The error was: DNS query failed with error ErrorRetry};{MSG=};{FQDN=};{IP=};{LRT=11/24/2026 4:00:00 PM}]')

/** Which settings the running service has: those it was started with. */
const works = () => {
  const { InternalDNSAdapterEnabled: uses, InternalDNSAdapterGuid: guid, InternalDNSServers: servers } = state.service.InEffect ?? fresh.transport
  return uses ? state.delivers.adapters.includes(guid.toLowerCase()) : servers.some((one) => state.delivers.servers.includes(one))
}

/** @returns {Generator<Mail>} */
function* all() {
  for (let id = 1; id <= state.many; id++)
    yield { id, from: `sender${id % 100}@example.test`, to: [`user${id}@example.org`], subject: `Order ${id}`, size: 2_000 + (id % 900), received: base + id * 500, domain: id % 3 === 0 ? 'example.net' : 'example.org' }
  for (const one of state.mail) yield one
}
const queueOf = (/** @type {string} */ domain) => `EDGE01\\${[...domain].reduce((sum, letter) => sum + letter.charCodeAt(0), 3)}`
const waiting = () => {
  const gone = new Set(state.gone)
  return [...all()].filter(({ id }) => !gone.has(id))
}
const statusOf = (/** @type {Mail} */ one) => (state.suspended.includes(one.id) ? 'Suspended' : 'Retry')
const message = (/** @type {Mail} */ one) => ({
  Identity: `${queueOf(one.domain)}\\${one.id}`, Queue: queueOf(one.domain), Subject: one.subject, InternetMessageId: `<${one.id}@example.test>`, FromAddress: one.from,
  Status: statusOf(one), Size: one.size, SourceIP: '192.0.2.9', DateReceived: date(one.received), ExpirationTime: date(one.received + 172_800_000), LastError: fault447(), RetryCount: 3, DeferReason: 'None',
})

/** Mail leaves where the DNS servers in effect answer; how is noted in the message tracking log. */
function deliver(only = (/** @type {Mail} */ _one) => true) {
  if (state.service.Status !== 'Running' || !works()) return
  for (const one of waiting()) {
    if (!only(one) || state.suspended.includes(one.id) || state.suspendedQueues.includes(queueOf(one.domain))) continue
    state.gone.push(one.id)
    state.tracked.push({ Timestamp: date(Date.now()), EventId: 'SEND', Source: 'SMTP', InternalMessageId: one.id, Recipients: one.to, RecipientStatus: ['250 2.1.5 Recipient OK'], ServerHostname: `mail.${one.domain}`, ServerIp: '198.51.100.25' })
  }
}

/**
 * As Get-Queue and Get-Message page: the bookmark is 1 for the first.
 * @template T
 * @param {T[]} list
 * @param {Page} page
 */
const page = (list, { limit, bookmark }) => list.slice(Math.max(0, bookmark - 1), Math.max(0, bookmark - 1) + limit)

/**
 * As much of OPATH as is asked: clauses joined by -and.
 * @template {Plain} T
 * @param {T[]} list
 * @param {string | undefined} filter
 */
function filtered(list, filter) {
  if (filter === undefined) return list
  const clauses = filter.split(' -and ').map((clause) => {
    const [, name, comparison, raw = ''] = /^(\w+) (-\w+) (.*)$/s.exec(clause) ?? []
    if (name === undefined) throw bad(`Invalid filter syntax: ${filter}`)
    const value = raw.startsWith("'") ? raw.slice(1, -1).replaceAll("''", "'").toLowerCase() : Number(raw)
    return (/** @type {T} */ one) => {
      const has = typeof value === 'number' ? one[name] : String(one[name] ?? '').toLowerCase()
      if (comparison === '-gt') return Number(has) > Number(value)
      if (comparison === '-lt') return Number(has) < Number(value)
      if (comparison === '-like') return String(has).includes(String(value).slice(1, -1))
      return comparison === '-eq' ? has === value : has !== value
    }
  })
  return list.filter((one) => clauses.every((clause) => clause(one)))
}

/**
 * @template {Plain} T
 * @param {T[]} list
 */
function sorted(list, sort = '') {
  if (sort === '') return list
  const [sign, name] = [sort[0], sort.slice(1)]
  return [...list].sort((a, b) => (sign === '-' ? -1 : 1) * (String(a[name]) < String(b[name]) ? -1 : String(a[name]) > String(b[name]) ? 1 : 0))
}

const running = () => {
  if (state.service.Status !== 'Running') throw fault('Microsoft.Exchange.Data.LocalizedException', state.manner.german ? 'RPC-Fehler 1753: Es sind keine weiteren Endpunkte verfügbar.' : 'RPC error 1753 connecting to the queue viewer: the endpoint is not registered.')
}

function queues() {
  running()
  const byQueue = /** @type {Map<string, Mail[]>} */ (new Map())
  for (const one of waiting()) byQueue.set(one.domain, [...(byQueue.get(one.domain) ?? []), one])
  return [...byQueue].map(([domain, list]) => ({
    Identity: queueOf(domain), NextHopDomain: domain, DeliveryType: 'DnsConnectorDelivery', Status: state.suspendedQueues.includes(queueOf(domain)) ? 'Suspended' : 'Retry', MessageCount: list.length,
    NextRetryTime: date(Date.now() + 60_000), LastRetryTime: date(Date.now() - 60_000), LastError: fault447(), NextHopCategory: 'External', RetryCount: 3,
  }))
}

function messages() {
  running()
  return waiting().map(message)
}

/**
 * @param {Item[]} items
 * @param {(one: Mail, item: Item) => unknown} deed
 */
function forEach(items, deed) {
  running()
  return {
    rows: items.map((item) => {
      const one = waiting().find(({ id }) => item.identity.endsWith(`\\${id}`))
      if (!one || one.from !== item.from || date(one.received) !== item.received) return { identity: item.identity, outcome: 'gone' }
      try {
        deed(one, item)
        return { identity: item.identity, outcome: 'done' }
      } catch (error) {
        return { identity: item.identity, outcome: 'failed', error: toldOf(error) }
      }
    }),
  }
}

const theQueue = (/** @type {string} */ identity) => {
  const found = queues().find((one) => one.Identity === identity)
  if (!found) throw missing(identity)
  return found
}

/** @type {Record<string, (args: Page & Item & { values: Plain, useExternal: boolean, since: string, items: Item[] }) => object>} */
const operations = {
  describe: () => ({ Name: 'EDGE01', Fqdn: 'EDGE01.example.test', Edition: 'Standard', AdminDisplayVersion: state.version === '2010' ? 'Version 14.3 (Build 123.4)' : 'Version 15.2 (Build 1544.4)', ServerRole: 'Edge', ProductID: '', IsEdgeServer: true, WhenChanged: state.transport.WhenChanged, Modern: state.version !== '2010', PowerShell: state.version === '2010' ? '2.0' : '5.1.14393.0' }),
  'transport.get': () => state.transport,
  'transport.set': ({ values }) => {
    for (const name of Object.keys(values)) if (!(name in fresh.transport) || name === 'Name') throw bad(`${name} cannot be set.`)
    state.transport = { ...state.transport, ...values, WhenChanged: date(Date.now()) }
    return state.transport
  },
  'connectors.list': () => ({ connectors: state.connectors }),
  'connector.set': ({ identity, useExternal }) => {
    const found = state.connectors.find((one) => one.Identity === identity)
    if (!found) throw missing(identity)
    Object.assign(found, { UseExternalDNSServersEnabled: useExternal, WhenChanged: date(Date.now()) })
    return { connectors: state.connectors }
  },
  'adapters.list': () => ({ adapters: state.adapters }),
  'domains.list': () => ({ domains: state.domains }),
  'service.get': () => ({ Status: state.service.Status, Dependents: state.service.Status === 'Running' ? state.dependents : [], Directory: 'Running', ProcessId: state.service.ProcessId, Since: state.service.Since }),
  'service.start': () => {
    state.service = { Status: 'Running', ProcessId: state.service.ProcessId ?? 4712, Since: date(Date.now()), InEffect: state.transport }
    deliver()
    return {}
  },
  'service.stop': () => {
    state.service = { ...state.service, Status: state.manner.stuck ? 'StopPending' : 'Stopped', ProcessId: state.manner.stuck ? 4711 : null, Since: null }
    return {}
  },
  'service.events': () => ({ events: [{ EventID: 15002, TimeGenerated: date(Date.now()), EntryType: 'Warning', Message: 'The resource pressure is constant at High.' }] }),
  'tracking.list': ({ since, limit }) => ({ events: state.tracked.filter((one) => one.Timestamp >= since).slice(-limit) }),
  'queues.list': (args) => ({ queues: page(sorted(filtered(queues(), args.filter), args.sort), args) }),
  'queue.retry': ({ identity }) => {
    theQueue(identity)
    deliver((one) => queueOf(one.domain) === identity)
    return {}
  },
  'queue.suspend': ({ identity }) => (state.suspendedQueues.push(theQueue(identity).Identity), {}),
  'queue.resume': ({ identity }) => {
    theQueue(identity)
    state.suspendedQueues = state.suspendedQueues.filter((one) => one !== identity)
    return {}
  },
  'messages.list': (args) => ({ messages: page(sorted(filtered(messages(), args.filter), args.sort), args) }),
  'messages.targets': (args) => ({ messages: page(sorted(filtered(messages(), args.filter), args.sort), args).map(({ Identity, Queue, FromAddress, DateReceived }) => ({ Identity, Queue, FromAddress, DateReceived })) }),
  'messages.count': ({ filter }) => ({ count: filtered(messages(), filter).length }),
  'message.get': ({ identity }) => {
    running()
    const one = waiting().find(({ id }) => identity.endsWith(`\\${id}`))
    return one ? { message: message(one), recipients: one.to.map((Address) => ({ Address, Type: 'External', Status: 'Retry', LastError: fault447() })) } : { message: null, recipients: [] }
  },
  'messages.suspend': ({ items }) => forEach(items, ({ id }) => state.suspended.push(id)),
  'messages.resume': ({ items }) => forEach(items, ({ id }) => (state.suspended = state.suspended.filter((one) => one !== id))),
  'messages.remove': ({ items }) => forEach(items, ({ id }) => state.gone.push(id)),
  'messages.export': ({ items }) => forEach(items, (one, { path = '' }) => writeFileSync(path, `From: ${one.from}\r\nTo: ${one.to.join(', ')}\r\nSubject: ${one.subject}\r\n\r\nHello\r\n`)),
}

const send = (/** @type {object} */ frame) => process.stdout.write(`${mark}${JSON.stringify(frame)}\n`)
const sleep = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms))

if (state.manner.rubbish) process.stdout.write('\ufeffWelcome to the Exchange Management Shell!\r\nWARNUNG: #edge wise\n')
send({ event: 'loading', ps: '5.1', bits: 64 })
await sleep(state.manner.loads ?? 0)
if (state.manner.refuses) {
  send({ event: 'failed', error: { type: 'System.InvalidOperationException', message: 'The Exchange Management Shell is not installed here.', fqid: '', category: 'InvalidOperation' } })
  process.exit(1)
}
send({ event: 'ready', modern: state.version !== '2010' })

for await (const line of createInterface({ input: process.stdin })) {
  state = read()
  const { manner } = state
  const { id, op, args } = JSON.parse(line.replace(/^\ufeff/, ''))
  if (manner.hangs === op) await new Promise(() => setInterval(() => {}, 60_000))
  if (manner.diesIn === op) {
    process.stdout.write(`${mark}{"id":${id},"ok":tr`, () => process.exit(3))
    await sleep(60_000)
  }
  await sleep(manner.slow ?? 0)
  if (manner.rubbish) process.stdout.write('WARNING: Waiting for service … \n{"id":1,"ok":true}\n#edgewise {broken\nno line break before a frame ')
  try {
    const operation = operations[op]
    if (!operation) throw bad('There is no such operation.')
    if (manner.denies === op) throw fault('System.UnauthorizedAccessException', 'Access is denied.', 'PermissionDenied')
    const data = operation(args)
    write()
    send({ id, ok: true, data, warnings: manner.rubbish ? ['It was set, with a warning.'] : [], ms: 1 })
  } catch (error) {
    send({ id, ok: false, error: toldOf(error), warnings: [], ms: 1 })
  }
}
