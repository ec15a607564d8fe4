// The relay's one Haraka plugin: who may relay, where the next hop is, what became of each attempt.
import type { Arrival, Attempt, End, Ledger } from './queue.ts'
import { delayText, printNotice, type Notice, type Told } from './notice.ts'
import { type Codes, type Haraka, headersOf, type Hmail, type Hooks, messageId, type Mx, type Queued, type Recipient, type Watch } from './haraka.ts'
import { connectionText } from './connection-text.ts'
import { isLoopback, type Route, type Router, type Target } from './route.ts'
import type { Settings } from './settings.ts'

const expiredText = '550 4.4.7 QUEUE.Expired; message expired'

/** Longer than all DNS servers of a full list need, shorter than Haraka waits for its plugin. */
const routeLimit = 240_000

export class Plugin {
  private readonly settings: Settings
  private readonly ledger: Ledger
  private readonly router: Router
  private readonly queued = new Map<string, Hmail>()
  private readonly targets = new WeakMap<Hmail, Target[]>()
  private readonly problems = new WeakMap<Hmail, Attempt[]>()
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
    connectionFailed: (hmail, mx, why) => this.note(hmail, { stage: 'connect', error: `${this.endpoint(hmail, mx)}: ${connectionText(why)}` }),
    expired: (hmail) => this.age(hmail) >= this.settings.limits.messageExpirationTimeout,
    expiredText,
    split: (from, to) => {
      this.queued.set(messageId(to), to)
      this.ledger.split(messageId(from), arrivalOf(to))
    },
    dropped: (hmail) => {
      this.queued.delete(messageId(hmail))
      void this.ledger.dropped(messageId(hmail))
    },
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
      // Not Haraka's is_local: that takes in the whole link and every address of this machine.
      if (!isLoopback(connection.remote.ip) && !accepted) return next(this.codes.deny, '550 5.7.1 Unable to relay')
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
        this.note(hmail, { stage: route.stage, error: route.error })
        next(route.kind === 'returned' ? this.codes.deny : this.codes.denysoft)
      })
    },
    hook_deferred: (next, hmail, { err }) => {
      const { transientFailureRetryInterval, messageExpirationTimeout } = this.settings.limits
      const left = Math.max(1, Math.ceil(messageExpirationTimeout - this.age(hmail)))
      const delay = Math.min(transientFailureRetryInterval, left)
      void this.ledger
        .deferred(arrivalOf(hmail), this.attemptOf(hmail, err), new Date(Date.now() + delay * 1000))
        .finally(() => {
          next(this.codes.denysoft, delay)
          this.tellDelayed()
        })
    },
    hook_delivered: (next, hmail, [, , response]) => {
      void this.left(hmail, { how: 'delivered', stage: 'smtp', text: response })
      next()
    },
    hook_bounce: (next, hmail, error) => {
      const { stage, error: text } = error.message === expiredText ? { stage: 'other' as const, error: expiredText } : this.attemptOf(hmail, error.message)
      void this.tellReturned(hmail, text)
        .then(
          // Haraka's own words are better than none.
          () => next(this.codes.ok),
          (fault: unknown) => {
            process.stderr.write(`${String(fault)}\n`)
            next()
          },
        )
        .finally(() => void this.left(hmail, { how: 'returned', stage, text }))
    },
  }

  /** Ends the timer; nothing else of the plugin outlives the process. */
  close(): void {
    clearTimeout(this.noticeTimer)
  }

  private async left(hmail: Hmail, end: End): Promise<void> {
    this.queued.delete(messageId(hmail))
    await this.ledger.left(messageId(hmail), end)
  }

  private async route(domain: string): Promise<Route> {
    let timer: NodeJS.Timeout | undefined
    const tooLong = new Promise<Route>((resolve) => {
      timer = setTimeout(() => resolve({ kind: 'deferred', stage: 'dns', error: `451 4.4.0 DNS query failed. The error was: no answer within ${routeLimit / 1000} s` }), routeLimit)
    })
    try {
      return await Promise.race([this.router.route(domain), tooLong])
    } catch (error) {
      return { kind: 'deferred', stage: 'other', error: `451 4.3.0 ${error instanceof Error ? error.message : String(error)}` }
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

  private note(hmail: Hmail, problem: Attempt): void {
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
  private attemptOf(hmail: Hmail, fallback: string): Attempt {
    const answered = hmail.todo?.rcpt_to.find((recipient) => recipient.dsn_smtp_code)
    if (answered) {
      const reply = [answered.dsn_smtp_code, answered.dsn_smtp_extc, answered.dsn_smtp_response].filter(Boolean).join(' ')
      return { stage: 'smtp', error: `451 4.4.0 Primary target IP address responded with: "${reply}"` }
    }
    const problems = this.problems.get(hmail) ?? []
    const noRoute = problems.find(({ stage }) => stage !== 'connect')
    if (noRoute) return noRoute
    if (problems.length > 0)
      return { stage: 'connect', error: `441 4.4.1 Error encountered while communicating with primary target IP address: "${problems.map(({ error }) => error).join('; ')}"` }
    return { stage: 'other', error: `451 4.4.0 ${fallback.replace(/undefined/g, '?')}` }
  }

  /** Tells the senders of messages that wait beyond the limit, once each, and comes back when the next is due. */
  tellDelayed(): void {
    clearTimeout(this.noticeTimer)
    const { delayNotificationTimeout, messageExpirationTimeout } = this.settings.limits
    const { due, nextDue } = this.ledger.overdue(delayNotificationTimeout, new Date())
    for (const message of due) {
      const hmail = this.queued.get(message.id)
      if (!hmail || !this.ledger.notice(message.id)) continue
      void this.send(hmail, {
        action: 'delayed',
        recipients: message.recipients.map((recipient) => ({ recipient, status: '4.4.7', diagnostic: delayText, remote: null })),
        lastError: message.lastError,
        lastAttempt: new Date(message.attempts.at(-1)?.at ?? message.received),
        tryingUntil: new Date(Date.parse(message.received) + messageExpirationTimeout * 1000),
      }).catch((error: unknown) => process.stderr.write(`${String(error)}\n`))
    }
    if (nextDue) this.noticeTimer = setTimeout(() => this.tellDelayed(), Math.min(nextDue.getTime() - Date.now() + 50, 2 ** 31 - 1))
  }

  private async tellReturned(hmail: Hmail, text: string): Promise<void> {
    await this.send(hmail, {
      action: 'failed',
      recipients: (hmail.todo?.rcpt_to ?? []).map((recipient) => told(recipient, text)),
      lastError: text,
      lastAttempt: new Date(),
      tryingUntil: null,
    })
  }

  /** A notice is never answered by a notice: the null sender is told nothing (RFC 5321 §6.1). */
  private async send(hmail: Hmail, notice: Omit<Notice, 'to' | 'subject' | 'received' | 'name' | 'headers'>): Promise<void> {
    const { from, subject, received } = arrivalOf(hmail)
    if (from === '') return
    const headers = await headersOf(hmail).catch(() => '')
    const { name } = this.settings
    if (!this.haraka) throw new Error('Haraka is not loaded yet')
    await this.haraka.send('<>', `<${from}>`, printNotice({ ...notice, to: from, subject, received, name, headers }))
  }
}

/** What the destination said of this recipient, or else what ended the message. */
function told({ address, dsn_smtp_code: code, dsn_smtp_extc: enhanced, dsn_smtp_response: response, dsn_remote_mta: remote }: Recipient, text: string): Told {
  const answered = text !== expiredText && code !== undefined
  const diagnostic = answered ? [code, enhanced, response].filter(Boolean).join(' ') : text
  // A failure has class 5, whatever the last delay said (RFC 3463 §2).
  const status = (/\b[245](\.\d{1,3}\.\d{1,3})\b/.exec(diagnostic)?.[1] ?? '.0.0').replace(/^/, '5')
  return { recipient: address, status, diagnostic, remote: answered ? (remote ?? null) : null }
}

export function arrivalOf(hmail: Queued): Arrival {
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
