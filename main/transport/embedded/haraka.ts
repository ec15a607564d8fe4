// All that touches Haraka's inside: its configuration folder, its queue files, and the few places where its hooks
// do not tell enough (why a connection failed, when a message is too old).
import { createRequire } from 'node:module'
import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Socket } from 'node:net'
import type { DnsServerAddress } from '../../../preload/contract/dns.ts'
import { Failure } from '../../../preload/contract/failure.ts'
import { deferTransient, followDialogue, tryOtherHosts } from './dialogue.ts'
import type { Home } from './home.ts'
import type { Queued } from './queue-file.ts'
import type { Settings } from './settings.ts'
import { writeTlsConfig } from './tls-config.ts'
import { type HarakaQueues, type HmailClass, mostDeliveries, takeTurns, type Turns, type TurnWatch } from './turns.ts'

const load = createRequire(import.meta.url)

export interface Recipient {
  address: string
  reason?: string
  dsn_smtp_code?: string | undefined
  dsn_smtp_extc?: string | undefined
  dsn_smtp_response?: string | undefined
  dsn_remote_mta?: string | undefined
}

export interface Mx {
  exchange: string
  port: number
  priority: number
  bind_helo: string
  /** The address of this machine that the connection leaves from. */
  bind?: string
}

/** Haraka's HMailItem: one message to one domain, in the queue. */
export interface Hmail extends Queued {
  todo: (Omit<NonNullable<Queued['todo']>, 'rcpt_to'> & { rcpt_to: Recipient[] }) | null
  path: string
  mxlist: Mx[]
  num_failures: number
  temp_fail(error: string, extra?: object): void
  try_deliver(): Promise<void>
  try_deliver_host_on_socket(mx: Mx, host: string, port: number, socket: Socket): void
  convert_temp_failed_to_bounce(error: string, extra?: object): void
  bounce(error: string, extra?: object): void
  refcount: number
  next_cb: () => void
  once(event: 'ready' | 'error', listener: () => void): void
  discard(): void
  split_to_new_recipients(recipients: Recipient[], response: string, done: (hmail: Hmail) => void): void
}

type Next = (code?: number, value?: unknown) => void
export interface Connection {
  remote: { ip: string; is_local: boolean }
  relaying: boolean
  transaction: Transaction
}
export interface Transaction {
  header: { get_decoded(name: string): string }
  notes: { edgewise?: { subject?: string; source?: string } }
}

/** The hooks of the one plugin; Haraka registers a method `hook_NAME` by its name. */
export interface Hooks {
  hook_init_master(next: Next): void
  hook_lookup_rdns(next: Next, connection: Connection): void
  hook_mail(next: Next): void
  hook_rcpt(next: Next, connection: Connection, params: [Recipient & { host: string }]): void
  hook_pre_send_trans_email(next: Next, connection: { transaction: Transaction }): void
  hook_send_email(next: Next, hmail: Hmail): void
  hook_get_mx(next: Next, hmail: Hmail, domain: string): void
  hook_deferred(next: Next, hmail: Hmail, params: { err: string }): void
  /** Host, address, what it answered, and more that is not used here. */
  hook_delivered(next: Next, hmail: Hmail, how: [string, string, string]): void
  hook_bounce(next: Next, hmail: Hmail, error: Error): void
}

/** Haraka's return codes, by the names of its constants. */
export interface Codes {
  cont: number
  ok: number
  deny: number
  denysoft: number
}

/** A reply with its enhanced code, in Haraka’s own form. */
export type Reply = object

export interface Haraka extends Turns {
  codes: Codes
  /** `452 4.3.1`. */
  diskFull: Reply
  version: string
  /** Loads the server and its plugin; `hook_init_master` tells when it serves. */
  start(): void
  stopListening(): void
  /** Messages being delivered at this moment. */
  delivering(): number
  send(from: string, to: string, contents: string): Promise<void>
}

export interface Watch extends TurnWatch {
  /** A connection to a destination could not be made, or broke. */
  connectionFailed(hmail: Hmail, mx: Mx, why: string): void
  /** A host refused all mail before it heard of any, and another one is tried. */
  hostRefused(hmail: Hmail, reply: string): void
  /** Whether a message has waited too long to be tried again. */
  expired(hmail: Hmail): boolean
  expiredText: string
  /** Some recipients ended otherwise than the rest, and go on in a queue file of their own. */
  split(from: Hmail, to: Hmail): void
  /** Haraka is done with a queue file. */
  dropped(hmail: Hmail): void
}

const pluginName = 'edgewise'

/** Seconds until a destination is connected; dialogue.ts says how long its answers take. */
const usualPatience = 30

/** Where the plugin's file, which Haraka runs in a context of its own, finds the hooks. */
const hooksKey = 'edgewiseHooks'

/** Writes what Haraka reads at start. Its own files are remade each time: the settings file is the one place to change. */
export async function writeConfig(home: Home, settings: Settings, { listen, patience }: { listen: DnsServerAddress; patience: number | null }): Promise<void> {
  const config = join(home.relay, 'config')
  await mkdir(config, { recursive: true })
  await mkdir(join(home.relay, 'plugins'), { recursive: true })
  const haraka = dirname(load.resolve('Haraka/package.json'))
  const hasTls = await writeTlsConfig(config, settings)
  const host = listen.address.includes(':') ? `[${listen.address}]` : listen.address
  const files: Record<string, string> = {
    me: settings.name,
    'smtp.ini': `[main]\nlisten=${host}:${listen.port}\nnodes=0\n`,
    // How long to wait and when to give up is decided by the plugin, from the settings: this list must only be long enough.
    'outbound.ini': `[main]\nlocal_mx_ok=true\nconcurrency_max=${mostDeliveries}\ntemp_fail_intervals=10m*100000\nconnect_timeout=${patience ?? usualPatience}\n`,
    'log.ini': '[main]\nlevel=warn\ntimestamps=true\n',
    plugins: `${hasTls ? 'tls\n' : ''}${pluginName}\n`,
    // Haraka goes on without a plugin that takes longer, and would then ask the system's DNS servers.
    [`${pluginName}.timeout`]: '300',
  }
  for (const [name, text] of Object.entries(files)) await writeFile(join(config, name), text)
  // Haraka throws at each connection where this file lacks its own defaults.
  await copyFile(join(haraka, 'config', 'connection.ini'), join(config, 'connection.ini'))
  await writeFile(
    join(home.relay, 'plugins', `${pluginName}.js`),
    `// Made anew at each start: hands Haraka the hooks of the relay's own process.\nObject.assign(exports, process.${hooksKey})\n`,
  )
}

interface Outbound extends HarakaQueues {
  get_stats(): string
  send_email(from: string, to: string, contents: string, done: (code: number, text: string) => void): void
}

/** Loads Haraka for this home folder; one a process, since it keeps its state in its modules. `patience` is the world's. */
export function loadHaraka(home: Home, hooks: Hooks, watch: Watch, patience: number | null): Haraka {
  process.env.HARAKA = home.relay
  Object.defineProperty(process, hooksKey, { value: hooks })
  const fromHaraka = createRequire(load.resolve('Haraka/package.json'))
  const codes: Codes = fromHaraka('haraka-constants')
  const outbound: Outbound = fromHaraka('./outbound')
  const server = fromHaraka('./server')
  const HMailItem: HmailClass = fromHaraka('./outbound/hmail')
  watchConnections(HMailItem.prototype, fromHaraka('./outbound/client_pool'), watch)
  followDialogue(HMailItem.prototype, patience)
  watchAge(HMailItem.prototype, watch)
  watchEnds(HMailItem.prototype, watch)
  deferTransient(HMailItem.prototype, fromHaraka('./outbound/tls'))
  tryOtherHosts(HMailItem.prototype, watch)
  return {
    ...takeTurns(home.queue, outbound, HMailItem, watch),
    codes,
    diskFull: fromHaraka('haraka-dsn').sys_disk_full('Insufficient system storage', 452),
    version: fromHaraka('./package.json').version,
    start: () => {
      fromHaraka('./haraka.js')
      // The relay ends in its own way, which lets deliveries under way finish.
      process.removeAllListeners('SIGINT')
    },
    stopListening: () => server.stopListeners(),
    delivering: () => Number(outbound.get_stats().split('/')[0]),
    send: (from, to, contents) =>
      new Promise((resolve, reject) => {
        outbound.send_email(from, to, contents, (code, text) => {
          if (code === codes.ok) resolve()
          else reject(new Failure('failed', `The notice could not be queued: ${text}`))
        })
      }),
  }
}

interface Pool {
  get_client(mx: Mx, done: (error: unknown, socket: Socket | null) => void): void
}

/** Haraka says “Tried all MXs” and forgets why each failed. */
function watchConnections(hmail: Hmail, pool: Pool, watch: Watch): void {
  const owner = new WeakMap<Mx, Hmail>()
  const tryDeliver = hmail.try_deliver
  hmail.try_deliver = function () {
    const next = this.mxlist[0]
    if (next) owner.set(next, this)
    return tryDeliver.call(this)
  }
  const getClient = pool.get_client
  pool.get_client = (mx, done) =>
    getClient(mx, (error, socket) => {
      const waiting = owner.get(mx)
      if (error && waiting) watch.connectionFailed(waiting, mx, String(error))
      done(error, socket)
    })
  const onSocket = hmail.try_deliver_host_on_socket
  hmail.try_deliver_host_on_socket = function (mx, host, port, socket) {
    onSocket.call(this, mx, host, port, socket)
    // Before Haraka's own listeners: these end the attempt at once.
    socket.prependOnceListener('error', (error: Error | string) =>
      watch.connectionFailed(this, mx, typeof error === 'string' ? error : error.message),
    )
    socket.prependOnceListener('close', () => watch.connectionFailed(this, mx, 'the connection was closed before the mail was taken'))
  }
}

function watchAge(hmail: Hmail, watch: Watch): void {
  const tempFail = hmail.temp_fail
  hmail.temp_fail = function (error, extra) {
    if (this.todo && watch.expired(this)) this.convert_temp_failed_to_bounce(watch.expiredText, extra)
    else tempFail.call(this, error, extra)
  }
}

function watchEnds(hmail: Hmail, watch: Watch): void {
  const discard = hmail.discard
  hmail.discard = function () {
    discard.call(this)
    if (this.refcount === 0) watch.dropped(this)
  }
  const split = hmail.split_to_new_recipients
  hmail.split_to_new_recipients = function (recipients, response, done) {
    split.call(this, recipients, response, (other) => {
      if (other !== this) {
        // What was answered to each is not written into the new file.
        other.todo?.rcpt_to.forEach((recipient, at) => Object.assign(recipient, answerOf(recipients[at])))
        watch.split(this, other)
      }
      done(other)
    })
  }
}

function answerOf(recipient: Recipient | undefined): Partial<Recipient> {
  const { dsn_smtp_code, dsn_smtp_extc, dsn_smtp_response, dsn_remote_mta } = recipient ?? {}
  return { dsn_smtp_code, dsn_smtp_extc, dsn_smtp_response, dsn_remote_mta }
}
