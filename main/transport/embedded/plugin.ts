// The relay's one Haraka plugin: who may relay, where the next hop is, what became of each attempt.
import { isIP } from 'node:net'
import { join } from 'node:path'
import { arrivalOf, type Entry } from './entry.ts'
import type { Attempt, End, Ledger } from './ledger.ts'
import { FreeSpace } from './free-space.ts'
import type { Codes, Haraka, Hmail, Hooks, Mx, Recipient, Watch } from './haraka.ts'
import { expiredText, type Notices } from './notices.ts'
import type { History } from './histories.ts'
import { messageId, readQueueFile } from './queue-file.ts'
import { connectionText } from './connection-text.ts'
import { isLoopback, type Route, type Router, type Target } from './route.ts'
import type { Settings } from './settings.ts'
import type { World } from '../../world/world.ts'

/** Longer than all DNS servers of a full list need, shorter than Haraka waits for its plugin. */
const routeLimit = 240_000

/** Milliseconds until a message that Haraka could not read is looked for again. */
const lostFor = 60_000
/** Longer than setTimeout can wait. */
const longestTimer = 2 ** 31 - 1

export class Plugin {
  private readonly settings: Settings
  private readonly ledger: Ledger
  private readonly router: Router
  private readonly queueFolder: string
  private readonly space: FreeSpace
  private readonly sourceOf: (address: string) => string
  /** Of the outbound addresses, the one whose turn is next. */
  private turnOfSource = 0
  private readonly targets = new WeakMap<Hmail, Target[]>()
  private readonly problems = new WeakMap<Hmail, Attempt[]>()
  private turnTimer: NodeJS.Timeout | undefined
  private feeding = false
  private isClosed = false
  private mayFeed = false
  private haraka: Haraka | undefined
  private notices: Notices | undefined
  private readonly serving: () => void

  constructor({ settings, ledger, router, queueFolder, world }: { settings: Settings; ledger: Ledger; router: Router; queueFolder: string; world: World }, serving: () => void) {
    this.settings = settings
    this.ledger = ledger
    this.router = router
    this.queueFolder = queueFolder
    this.space = new FreeSpace(world, queueFolder, settings.minimumFreeSpace)
    this.sourceOf = (address) => world.source(address)
    this.serving = serving
  }

  /** Haraka itself is loaded with the hooks, so it can be handed over only afterwards. */
  use(haraka: Haraka, notices: Notices): void {
    this.haraka = haraka
    this.notices = notices
  }

  private get codes(): Codes {
    if (!this.haraka) throw new Error('Haraka is not loaded yet')
    return this.haraka.codes
  }

  readonly watch: Watch = {
    connectionFailed: (hmail, mx, why) => this.note(hmail, { stage: 'connect', error: `${this.endpoint(hmail, mx)}: ${connectionText(why)}` }),
    hostRefused: (hmail, reply) => {
      forgetAnswers(hmail)
      this.note(hmail, { stage: 'smtp', error: respondedWith(reply) })
    },
    expired: (hmail) => this.age(hmail) >= this.settings.limits.messageExpirationTimeout,
    expiredText,
    split: (from, to) => this.ledger.split(messageId(from), arrivalOf(to), endedOf(from, to)),
    dropped: (hmail) => this.ledger.dropped(messageId(hmail)),
    arrived: (hmail) => {
      const entry = this.ledger.waits(arrivalOf(hmail))
      if (!entry.mayGo || !this.haraka || this.haraka.room() <= 0 || !this.ledger.hasRoom(entry)) return false
      this.ledger.taken(entry)
      return true
    },
    waitsAgain: (filename, milliseconds) => this.waitsAgain(filename, Date.now() + milliseconds),
    room: () => this.feed(),
  }

  readonly hooks: Hooks = {
    hook_init_master: (next) => {
      next()
      this.serving()
    },
    // At once: otherwise every connection waits for the DNS that may be what is broken.
    hook_lookup_rdns: (next, connection) => next(this.codes.ok, connection.remote.ip),
    hook_mail: (next) => {
      void this.space.isShort().then((isShort) => (isShort ? next(this.codes.denysoft, this.haraka?.diskFull) : next()))
    },
    hook_rcpt: (next, connection, [recipient]) => {
      const accepted = this.settings.acceptedDomains.some(({ domain }) => domain.toLowerCase() === recipient.host.toLowerCase())
      // Not Haraka's is_local: that takes in the whole link and every address of this machine.
      if (!isLoopback(connection.remote.ip) && !accepted) return next(this.codes.deny, '550 5.7.1 Unable to relay')
      connection.relaying = true
      connection.transaction.notes.edgewise = { source: connection.remote.ip }
      next(this.codes.ok)
    },
    hook_pre_send_trans_email: (next, { transaction }) => {
      transaction.notes.edgewise = { ...transaction.notes.edgewise, subject: transaction.header.get_decoded('subject').trim() }
      next()
    },
    hook_send_email: (next, hmail) => {
      this.problems.set(hmail, [])
      forgetAnswers(hmail)
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
      // Its file could not be read.
      if (!hmail.todo) return next(this.codes.denysoft, lostFor / 1000)
      const { transientFailureRetryInterval, messageExpirationTimeout } = this.settings.limits
      const left = Math.max(1, Math.ceil(messageExpirationTimeout - this.age(hmail)))
      const delay = Math.min(transientFailureRetryInterval, left)
      void this.ledger.deferred(messageId(hmail), this.attemptOf(hmail, err), statesOf(hmail)).finally(() => {
        next(this.codes.denysoft, delay)
        this.notices?.tellDelayed()
      })
    },
    hook_delivered: (next, hmail, [, , response]) => {
      this.left(hmail, { how: 'delivered', stage: 'smtp', text: response })
      next()
    },
    hook_bounce: (next, hmail, error) => {
      const { stage, error: text } = error.message === expiredText ? { stage: 'other' as const, error: expiredText } : this.attemptOf(hmail, error.message)
      void Promise.resolve(this.notices?.returned(hmail, text))
        .then(
          () => this.codes.ok,
          (fault: unknown) => {
            process.stderr.write(`${String(fault)}\n`)
            // Haraka's own words are better than none.
            return undefined
          },
        )
        .then((code) => {
          this.left(hmail, { how: 'returned', stage, text })
          next(code)
        })
    },
  }

  /**
   * From now on hands out what waits: once Haraka serves, since before it knows nothing of this plugin and would
   * deliver in its own way, and once the queue is read, which goes four times as fast alone.
   */
  begin(): void {
    this.mayFeed = true
    this.feed()
  }

  /** Hands to Haraka whose turn it is, as far as there is room, and comes back when the next one is due. */
  feed(): void {
    if (this.feeding) return
    this.feeding = true
    // A burst of changes is one look.
    setImmediate(() => {
      this.feeding = false
      if (this.isClosed || !this.mayFeed || !this.haraka) return
      while (this.haraka.room() > 0) {
        const entry = this.ledger.take()
        if (!entry) break
        this.haraka.deliver(entry.filename, () => this.lost(entry))
      }
      clearTimeout(this.turnTimer)
      const next = this.ledger.nextTurn
      if (next !== null && this.haraka.room() > 0) this.turnTimer = setTimeout(() => this.feed(), Math.min(Math.max(next - Date.now(), 0), longestTimer))
    })
  }

  /** Hands out no further message; what is under way may end. */
  close(): void {
    this.isClosed = true
    clearTimeout(this.turnTimer)
    this.notices?.close()
  }

  private waitsAgain(filename: string, due: number): void {
    const entry = this.ledger.find(messageId({ filename }))
    if (entry) return this.ledger.waitsAgain(entry, filename, due)
    const queued = readQueueFile(join(this.queueFolder, filename), filename)
    if (queued) this.ledger.waits(arrivalOf(queued), due)
  }

  /** Taken away by somebody else, or not to be read at this moment. */
  private lost(entry: Entry): void {
    if (readQueueFile(join(this.queueFolder, entry.filename), entry.filename)) this.ledger.waitsAgain(entry, entry.filename, Date.now() + lostFor)
    else this.ledger.dropped(entry.id)
  }

  private left(hmail: Hmail, end: End): void {
    this.ledger.left(messageId(hmail), end)
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
    const sources = this.settings.outboundAddresses ?? []
    const turn = this.turnOfSource++
    return targets.map(({ via, address }, priority) => {
      const own = sources.filter((source) => isIP(source) === isIP(address))
      const source = own[turn % own.length]
      return { exchange: via.address, port: via.port, priority, bind_helo: this.settings.name, ...(source === undefined ? {} : { bind: this.sourceOf(source) }) }
    })
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
      return { stage: 'smtp', error: respondedWith(reply) }
    }
    const problems = this.problems.get(hmail) ?? []
    const told = problems.find(({ stage }) => stage !== 'connect')
    if (told) return told
    if (problems.length > 0)
      return { stage: 'connect', error: `441 4.4.1 Error encountered while communicating with primary target IP address: "${problems.map(({ error }) => error).join('; ')}"` }
    return { stage: 'other', error: `451 4.4.0 ${fallback.replace(/undefined/g, '?')}` }
  }
}

const respondedWith = (reply: string) => `451 4.4.0 Primary target IP address responded with: "${reply}"`

/** Of an earlier host or attempt: who answers nothing now did not answer that. */
function forgetAnswers(hmail: Hmail): void {
  for (const recipient of hmail.todo?.rcpt_to ?? []) Object.assign(recipient, { dsn_smtp_code: undefined, dsn_smtp_extc: undefined, dsn_smtp_response: undefined })
}

const answerOf = ({ dsn_smtp_code: code, dsn_smtp_extc: enhanced, dsn_smtp_response: response }: Recipient): string | null => (code === undefined ? null : [code, enhanced, response].filter(Boolean).join(' '))

/** What was answered to each, where there is more than one. */
function statesOf(hmail: Hmail): History['states'] {
  const recipients = hmail.todo?.rcpt_to ?? []
  if (recipients.length < 2) return []
  return recipients.map((recipient) => ({ address: recipient.address, status: 'Retry', lastError: answerOf(recipient) }))
}

/** Those who do not go on with the others: their mail was taken, or refused for good. */
function endedOf(from: Hmail, to: Hmail): History['states'] {
  const goOn = new Set(to.todo?.rcpt_to.map(({ address }) => address))
  const others = (from.todo?.rcpt_to ?? []).filter(({ address }) => !goOn.has(address))
  return others.filter(({ dsn_smtp_code: code }) => !code?.startsWith('4')).map((recipient) => ({ address: recipient.address, status: 'Complete', lastError: answerOf(recipient) }))
}
