// What is asked about the SMTP test: the route, all hosts at once, and dialogues by hand.
import { randomUUID } from 'node:crypto'
import { isIP } from 'node:net'
import { domainToASCII } from 'node:url'
import type { Asked } from '../preload/contract/call.ts'
import { Failure } from '../preload/contract/failure.ts'
import type { Answers } from '../preload/contract/index.ts'
import type { ServerId } from '../preload/contract/server-id.ts'
import type { Found, Hand, SmtpDialogue, SmtpOptions, SmtpRoute, SmtpStep, SmtpSteps, SmtpTarget } from '../preload/contract/smtp-test.ts'
import type { Source } from './smtp/connect.ts'
import { Dialogue, type DialogueOptions } from './smtp/dialogue.ts'
import { testHosts } from './smtp/test.ts'
import { oneHost, sidesOf, type Stand } from './smtp-route.ts'
import { saveTranscripts } from './smtp-saved.ts'

/** Each holds a connection that its host keeps open too. */
export const mostSessions = 16
/** Milliseconds after the last step; hosts give up sooner, most after 5 minutes. */
const idleLimit = 10 * 60 * 1000
const mostTargets = 100

interface Session {
  dialogue: Dialogue
  abort: AbortController
  busy: boolean
  idle: NodeJS.Timeout
}

export class SmtpAnswers {
  private readonly standOf: (server: ServerId) => Stand
  private readonly sessions = new Map<string, Session>()

  constructor(standOf: (server: ServerId) => Stand) {
    this.standOf = standOf
  }

  readonly answers: Answers['smtpTest'] = {
    route: async ({ server, recipient }, { signal }) => sidesOf(this.standOf(server), domainOf(recipient), signal).route,
    run: async (input, asked) => this.run(input, asked),
    open: async (input, { signal }) => this.open(input, signal),
    step: async ({ session, do: hand }) => this.step(session, hand),
    close: async ({ session }) => {
      this.end(session)
      return {}
    },
    save: async ({ file, dialogues }) => ({ file: await saveTranscripts(file, dialogues) }),
  }

  close(): void {
    for (const id of this.sessions.keys()) this.end(id)
  }

  private async run({ server, recipient, host, options }: Parameters<Answers['smtpTest']['run']>[0], { signal, progress }: Parameters<Answers['smtpTest']['run']>[1]): Promise<{ dialogues: SmtpDialogue[]; route: SmtpRoute | null; text: string }> {
    const stand = this.standOf(server)
    const common = await commonOf(stand, recipient, options, signal)
    const { hosts, route } = host === null ? await findHosts(stand, domainOf(recipient), { signal, progress }) : { hosts: [await oneHost(stand, host, signal)], route: null }
    const targets = targetsOf(hosts, options)
    progress({ kind: 'begun', dialogues: targets })
    const dialogues = await testHosts(targets, {
      ...common,
      onStep: ({ key }, step) => progress({ kind: 'step', dialogue: key, step }),
      onEnd: ({ key, outcome, text }) => progress({ kind: 'ended', dialogue: key, outcome, text }),
    })
    // Cancelled, what was done so far is told all the same.
    const known = (await route?.catch(() => null)) ?? null
    return { dialogues, route: known, text: summary(dialogues, known) }
  }

  private async open({ server, recipient, host, address, options }: Parameters<Answers['smtpTest']['open']>[0], cancelled: AbortSignal): Promise<SmtpSteps & { session: string }> {
    if (!isIP(address.replace(/%.*$/, ''))) throw new Failure('bad-input', `“${address}” is not an IP address.`, 'Give the address of the host: a dialogue is with one of them.')
    const room = () => {
      if (this.sessions.size >= mostSessions) throw new Failure('failed', `${mostSessions} dialogues are open already.`, 'Close one of them.')
    }
    room()
    const abort = new AbortController()
    const common = await commonOf(this.standOf(server), recipient, options, abort.signal)
    cancelled.throwIfAborted()
    room()
    const [target] = targetsOf([{ host, addresses: [address], port: null }], options)
    if (!target) throw new Failure('bad-input', 'There is no host to connect to.')
    const dialogue = new Dialogue({ ...common, target })
    const id = randomUUID()
    this.sessions.set(id, { dialogue, abort, busy: false, idle: setTimeout(() => this.end(id), idleLimit).unref() })
    const cancel = () => this.end(id)
    cancelled.addEventListener('abort', cancel)
    try {
      return { session: id, ...(await this.doing(id, (told) => dialogue.open(told))) }
    } finally {
      cancelled.removeEventListener('abort', cancel)
    }
  }

  private step(id: string, hand: Hand): Promise<SmtpSteps> {
    return this.doing(id, (told, { dialogue }) => dialogue.do(hand, told))
  }

  private async doing(id: string, work: (told: (step: SmtpStep) => void, session: Session) => Promise<void>): Promise<SmtpSteps> {
    const session = this.sessions.get(id)
    if (!session) throw new Failure('not-found', 'This dialogue has ended.', 'Connect again.')
    if (session.busy) throw new Failure('failed', 'The last step still waits for its reply.', 'Wait for it, or close the dialogue.')
    session.busy = true
    const steps: SmtpStep[] = []
    try {
      await work((step) => steps.push(step), session)
    } finally {
      session.busy = false
      session.idle.refresh()
    }
    const { next } = session.dialogue
    if (next === null) this.end(id)
    return { steps, next: next === null ? null : withoutPassword(next) }
  }

  private end(id: string): void {
    const session = this.sessions.get(id)
    if (!session) return
    this.sessions.delete(id)
    clearTimeout(session.idle)
    session.abort.abort()
    session.dialogue.close()
  }
}

const withoutPassword = (hand: Hand): SmtpSteps['next'] => (hand.kind === 'auth' ? { kind: 'auth', user: hand.user } : hand)

/** The domain as it stands in the DNS. */
function domainOf(recipient: string): string {
  const domain = recipient.slice(recipient.lastIndexOf('@') + 1)
  return inAscii(domain, `“${recipient}” is not a mail address: its domain cannot be written in the DNS.`)
}

function inAscii(name: string, refusal: string): string {
  if (/^\p{ASCII}*$/u.test(name)) return name
  const ascii = domainToASCII(name)
  if (ascii === '') throw new Failure('bad-input', refusal)
  return ascii
}

const mailbox = (address: string) => (address === '' ? '' : `${address.slice(0, address.lastIndexOf('@'))}@${domainOf(address)}`)

/** What all dialogues of a test have in common. */
async function commonOf({ world, transport }: Stand, recipient: string, options: SmtpOptions, signal: AbortSignal): Promise<Omit<DialogueOptions, 'target'>> {
  const { from, helo, tls, auth, data, timeouts } = options
  return {
    recipient: mailbox(recipient),
    from: mailbox(from),
    helo: helo === null ? (await transport.properties()).name : inAscii(helo, `“${helo}” cannot be said in EHLO: it cannot be written in the DNS.`),
    tls, auth, data, timeouts,
    source: options.source === null ? null : await sourceOf(options.source, world),
    reach: (address, port) => world.reach(address, port),
    signal,
  }
}

async function sourceOf(id: string, world: Stand['world']): Promise<Source> {
  const all = await world.adapters()
  const adapter = all.find((one) => one.id === id)
  if (!adapter) throw new Failure('not-found', `There is no adapter with the id “${id}”.`, `There are ${all.map(({ name }) => `“${name}”`).join(', ')}.`)
  return { name: adapter.name, addresses: adapter.addresses.map((address) => address.replace(/\/.*$/, '')) }
}

type RunAsked = Pick<Asked<{ kind: 'route'; route: SmtpRoute }>, 'signal' | 'progress'>

/** The dialogues do not wait for the side that they do not need. */
async function findHosts(stand: Stand, domain: string, { signal, progress }: RunAsked): Promise<{ hosts: Found['hosts']; route: Promise<SmtpRoute> }> {
  const { transport, system, route: both } = sidesOf(stand, domain, signal)
  const route = both.then((known) => {
    progress({ kind: 'route', route: known })
    return known
  })
  // It only rejects where it is cancelled, and then nobody may wait for it.
  route.catch(() => {})
  const found = await transport
  if (found.problem === null) return { hosts: found.hosts, route }
  return { hosts: (await system).hosts, route }
}

function targetsOf(hosts: Pick<Found['hosts'][number], 'host' | 'addresses' | 'port'>[], { port, tls }: SmtpOptions): SmtpTarget[] {
  const all = hosts.flatMap(({ host, addresses, port: own }) =>
    addresses.map((address): SmtpTarget => ({
      key: `${host} ${address}`,
      host,
      address,
      family: isIP(address.replace(/%.*$/, '')) === 6 ? 6 : 4,
      port: port ?? own ?? (tls === 'implicit' ? 465 : 25),
    })),
  )
  const keys = new Set<string>()
  return all.filter(({ key }) => !keys.has(key) && keys.add(key)).slice(0, mostTargets)
}

function summary(dialogues: SmtpDialogue[], route: SmtpRoute | null): string {
  const count = (outcome: SmtpDialogue['outcome']) => dialogues.filter((one) => one.outcome === outcome).length
  const parts = (['accepted', 'deferred', 'refused', 'failed', 'cancelled'] as const).filter((outcome) => count(outcome) > 0).map((outcome) => `${count(outcome)} ${outcome}`)
  const tested = dialogues.length === 0 ? 'No host could be tested.' : `${dialogues.length} dialogue${dialogues.length === 1 ? '' : 's'}: ${parts.join(', ')}.`
  const astray = route?.transport.problem ?? null
  return astray === null ? tested : `${tested} Mail would wait here: ${astray}${dialogues.length > 0 ? ' The hosts are those that this machine finds.' : ''}`
}
