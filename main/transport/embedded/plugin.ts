// The relay's one Haraka plugin: who may relay, where the next hop is, what became of each attempt.
import type { Arrival, Ledger } from './queue.ts'
import { delayNotice } from './notice.ts'
import { type Codes, type Haraka, headersOf, type Hmail, type Hooks, messageId, type Mx, type Watch } from './haraka.ts'
import type { Route, Router, Target } from './route.ts'
import type { Settings } from './settings.ts'

/** Longer than all DNS servers of a full list need, shorter than Haraka waits for its plugin. */
const routeLimit = 240_000

export class Plugin {
  private readonly settings: Settings
  private readonly ledger: Ledger
  private readonly router: Router
  private readonly queued = new Map<string, Hmail>()
  private readonly targets = new WeakMap<Hmail, Target[]>()
  private readonly problems = new WeakMap<Hmail, string[]>()
  private noticeTimer: NodeJS.Timeout | undefined
  private haraka: Haraka | undefined
  private readonly serving: () => void

  constructor(settings: Settings, ledger: Ledger, router: Router, serving: () => void) {
    this.settings = settings
    this.ledger = ledger
    this.router = router
    this.serving = serving
  }

  /** Haraka itself is loaded with the hooks, so it can be handed over only afterwards. */
  use(haraka: Haraka): void {
    this.haraka = haraka
  }

  private get codes(): Codes {
    if (!this.haraka) throw new Error('Haraka is not loaded yet')
    return this.haraka.codes
  }

  readonly watch: Watch = {
    connectionFailed: (hmail, mx, why) => this.note(hmail, `${this.endpoint(hmail, mx)}: ${why}`),
    expired: (hmail) => this.age(hmail) >= this.settings.limits.messageExpirationTimeout,
    expiredText: '550 4.4.7 QUEUE.Expired; message expired',
  }

  readonly hooks: Hooks = {
    hook_init_master: (next) => {
      next()
      this.serving()
    },
    // At once: otherwise every connection waits for the DNS that may be what is broken.
    hook_lookup_rdns: (next, connection) => next(this.codes.ok, connection.remote.ip),
    hook_rcpt: (next, connection, [recipient]) => {
      const accepted = this.settings.acceptedDomains.some(({ domain }) => domain.toLowerCase() === recipient.host.toLowerCase())
      if (!connection.remote.is_local && !accepted) return next(this.codes.deny, '550 5.7.1 Unable to relay')
      connection.relaying = true
      next(this.codes.ok)
    },
    hook_pre_send_trans_email: (next, { transaction }) => {
      transaction.notes.edgewise = { subject: transaction.header.get_decoded('subject').trim() }
      next()
    },
    hook_send_email: (next, hmail) => {
      this.problems.set(hmail, [])
      for (const recipient of hmail.todo?.rcpt_to ?? []) {
        recipient.dsn_smtp_code = undefined
        recipient.dsn_smtp_response = undefined
      }
      this.queued.set(messageId(hmail), hmail)
      this.ledger.taken(arrivalOf(hmail))
      next()
    },
    hook_get_mx: (next, hmail, domain) => {
      void this.route(domain).then((route) => {
        if (route.kind === 'targets') {
          this.targets.set(hmail, route.targets)
          return next(this.codes.ok, this.exchanges(route.targets))
        }
        this.note(hmail, route.error)
        next(route.kind === 'returned' ? this.codes.deny : this.codes.denysoft)
      })
    },
    hook_deferred: (next, hmail, { err }) => {
      const { transientFailureRetryInterval, messageExpirationTimeout } = this.settings.limits
      const left = Math.max(1, Math.ceil(messageExpirationTimeout - this.age(hmail)))
      const delay = Math.min(transientFailureRetryInterval, left)
      void this.ledger
        .deferred(arrivalOf(hmail), this.errorOf(hmail, err), new Date(Date.now() + delay * 1000))
        .catch((error: unknown) => process.stderr.write(`The attempts of ${messageId(hmail)} could not be kept: ${String(error)}\n`))
        .finally(() => {
          next(this.codes.denysoft, delay)
          void this.tellDelayed()
        })
    },
    hook_delivered: (next, hmail) => {
      void this.forget(hmail)
      next()
    },
    hook_bounce: (next, hmail) => {
      void this.forget(hmail)
      next()
    },
  }

  /** Ends the timer; nothing else of the plugin outlives the process. */
  close(): void {
    clearTimeout(this.noticeTimer)
  }

  private async forget(hmail: Hmail): Promise<void> {
    this.queued.delete(messageId(hmail))
    await this.ledger.gone(messageId(hmail))
  }

  private async route(domain: string): Promise<Route> {
    let timer: NodeJS.Timeout | undefined
    const tooLong = new Promise<Route>((resolve) => {
      timer = setTimeout(() => resolve({ kind: 'deferred', error: `451 4.4.0 DNS query failed. The error was: no answer within ${routeLimit / 1000} s` }), routeLimit)
    })
    try {
      return await Promise.race([this.router.route(domain), tooLong])
    } catch (error) {
      return { kind: 'deferred', error: `451 4.4.0 DNS query failed. The error was: ${error instanceof Error ? error.message : String(error)}` }
    } finally {
      clearTimeout(timer)
    }
  }

  private exchanges(targets: Target[]): Mx[] {
    return targets.map(({ via }, priority) => ({ exchange: via.address, port: via.port, priority, bind_helo: this.settings.name }))
  }

  private age(hmail: Hmail): number {
    return (Date.now() - (hmail.todo?.queue_time ?? Date.now())) / 1000
  }

  private note(hmail: Hmail, problem: string): void {
    const problems = this.problems.get(hmail) ?? []
    problems.push(problem)
    this.problems.set(hmail, problems)
  }

  /** The destination as the world knows it, not as the lab's loopback does. */
  private endpoint(hmail: Hmail, mx: Mx): string {
    const target = this.targets.get(hmail)?.find(({ via }) => via.address === mx.exchange && via.port === mx.port)
    return target ? `${target.host} [${target.address}]:${target.port}` : `${mx.exchange}:${mx.port}`
  }

  /** In the words of Exchange's Queue Viewer; what the destination answered outweighs how connections ended. */
  private errorOf(hmail: Hmail, fallback: string): string {
    const answered = hmail.todo?.rcpt_to.find((recipient) => recipient.dsn_smtp_code)
    if (answered) {
      const reply = [answered.dsn_smtp_code, answered.dsn_smtp_extc, answered.dsn_smtp_response].filter(Boolean).join(' ')
      return `451 4.4.0 Primary target IP address responded with: "${reply}"`
    }
    const problems = this.problems.get(hmail) ?? []
    const dns = problems.find((problem) => /^\d{3} /.test(problem))
    if (dns) return dns
    if (problems.length > 0) return `441 4.4.1 Error encountered while communicating with primary target IP address: "${problems.join('; ')}"`
    return `451 4.4.0 ${fallback}`
  }

  /** Tells the senders of messages that wait beyond the limit, once each, and comes back when the next is due. */
  async tellDelayed(): Promise<void> {
    clearTimeout(this.noticeTimer)
    const { delayNotificationTimeout, messageExpirationTimeout } = this.settings.limits
    const { due, nextDue } = this.ledger.overdue(delayNotificationTimeout, new Date())
    for (const message of due) {
      const hmail = this.queued.get(message.id)
      if (!hmail || !this.haraka) continue
      await this.ledger.noticed(message.id)
      const tryingUntil = new Date(new Date(message.received).getTime() + messageExpirationTimeout * 1000)
      const headers = await headersOf(hmail).catch(() => '')
      const notice = delayNotice(message, { name: this.settings.name, tryingUntil, headers })
      await this.haraka.send('<>', `<${message.from}>`, notice).catch((error: unknown) => process.stderr.write(`${String(error)}\n`))
    }
    if (nextDue) {
      clearTimeout(this.noticeTimer)
      this.noticeTimer = setTimeout(() => void this.tellDelayed(), Math.min(nextDue.getTime() - Date.now() + 50, 2 ** 31 - 1))
    }
  }
}

function arrivalOf(hmail: Hmail): Arrival {
  const todo = hmail.todo
  if (!todo) throw new Error(`${hmail.filename} is not loaded yet`)
  return {
    id: messageId(hmail),
    nextHop: todo.domain.toLowerCase(),
    from: todo.mail_from.address,
    recipients: todo.rcpt_to.map(({ address }) => address),
    subject: todo.notes.edgewise?.subject ?? '',
    size: Math.max(0, hmail.file_size - hmail.data_start),
    received: new Date(todo.queue_time),
  }
}
