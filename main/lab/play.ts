// Plays a scenario to its end: the scene, the diagnosis, the remedies that the diagnosis chose, and what became of the mail.
import { Failure } from '../../preload/contract/failure.ts'
import type { Outcome } from '../../preload/contract/rehearsal.ts'
import { delivered, noticesIn, waitingIn, type LabEdge, type ProvenCause } from './edge.ts'
import { judged } from './judge.ts'
import type { Lab } from './lab.ts'
import { cancellable, setScene, type Seen, type Tell } from './scene.ts'
import { targetsOf, type Target } from './target.ts'
import { until } from './until.ts'

/** Milliseconds. */
const deliveryLimit = 20_000
/** From the scene on; waiting for what a destination makes wait ends with it. */
const patience = 9_000
/** Of curing and looking again: each fault may hide another. */
const mostRounds = 3

export async function play(lab: Lab, edge: LabEdge, tell: Tell, signal: AbortSignal): Promise<Outcome> {
  const began = performance.now()
  const seen = await setScene(lab, edge, tell, signal)
  return cancellable(signal, async () => {
    const end = Date.now() + patience
    const before = await standing(lab, edge, seen)
    const named = new Map<string, ProvenCause>()
    const done: string[] = []
    for (let round = 0; round < mostRounds; round += 1) {
      const { target, causes } = await diagnosed(lab, edge, seen, signal)
      const fresh = causes.filter(({ name }) => !named.has(name))
      for (const cause of fresh) {
        named.set(cause.name, cause)
        tell(`Cause: ${cause.name}. The evidence:`)
        for (const sentence of cause.evidence) tell(`  ${sentence}.`.replace(/\.\.$/, '.'))
      }
      if (round === 0 && causes.length === 0) tell(before.waiting > 0 ? 'No cause is proven.' : 'Nothing wrong was found.')
      const remedy = causes.flatMap(({ remedy }) => (remedy !== null && isDoneHere(remedy) && !done.some((one) => sameDeed(one, remedy)) ? [remedy] : []))[0]
      if (remedy === undefined || delivered(lab) >= lab.scenario.messages.length) break
      done.push(remedy)
      await cure(lab, edge, { remedy, target, end }, tell, signal)
      if (delivered(lab) >= lab.scenario.messages.length) break
    }
    const { waiting, serves } = await standing(lab, edge, seen)
    const after = { waiting, delivered: delivered(lab) }
    const all = after.delivered >= lab.scenario.messages.length
    const result = !all ? (waiting > 0 || !serves ? 'still waiting' : 'returned') : before.waiting === 0 ? 'nothing wrong' : 'delivered'
    tell(ending(lab, result, after.waiting))
    const causes = [...named.values()]
    const remedy = done[0] ?? causes.find((cause) => cause.remedy !== null)?.remedy ?? null
    const { waiting: waited, lastError } = before
    return judged(lab.scenario, { before: { waiting: waited, lastError }, causes: causes.map(({ name }) => name), remedy, after, result }, performance.now() - began)
  })
}

interface Standing {
  waiting: number
  lastError: string | null
  serves: boolean
}

/** While the service does not run, what was not delivered is still in its queue. */
async function standing(lab: Lab, edge: LabEdge, { kept }: Seen): Promise<Standing> {
  const { service } = await edge.properties()
  const serves = service.state === 'running'
  const messages = await waitingIn(edge)
  const left = Math.max(0, lab.scenario.messages.length - delivered(lab))
  // The destination may have it before the queue knows.
  const waiting = serves ? Math.min(messages.length + kept, left) : left
  return { waiting, lastError: messages.find(({ lastError }) => lastError !== null)?.lastError ?? null, serves }
}

interface Diagnosed {
  target: string
  causes: ProvenCause[]
}

async function diagnosed(lab: Lab, edge: LabEdge, seen: Seen, signal: AbortSignal): Promise<Diagnosed> {
  const { waiting } = await standing(lab, edge, seen)
  const found: Diagnosed[] = []
  for (const asked of targetsOf(lab, waiting, seen.ids).slice(0, mostRounds)) found.push(await ofTarget(edge, asked, signal))
  return { target: found[0]?.target ?? '*', causes: found.flatMap(({ causes }) => causes) }
}

async function ofTarget(edge: LabEdge, { target, recipient }: Target, signal: AbortSignal): Promise<Diagnosed> {
  try {
    return { target, causes: await edge.diagnose(target, signal) }
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'not-found' || target === recipient) throw error
    return { target: recipient, causes: await edge.diagnose(recipient, signal) }
  }
}

/** Those that this edge does itself with one click; the others are for somebody else to do. */
const isDoneHere = (remedy: string) => /^(use-adapter:|use-servers:|edit-hosts:|retry$|resume$|start-service$|limit-concurrency$|wait:)/.test(remedy)

/** Waiting is done once, whatever the time until which it is advised. */
const sameDeed = (a: string, b: string) => a === b || (a.startsWith('wait:') && b.startsWith('wait:'))

interface Curing {
  remedy: string
  target: string
  /** Milliseconds since 1970. */
  end: number
}

async function cure(lab: Lab, edge: LabEdge, { remedy, target, end }: Curing, tell: Tell, signal: AbortSignal): Promise<void> {
  tell(`Remedy: ${remedy}.`)
  if (remedy.startsWith('wait:')) return waitFor(lab, edge, { remedy, target, end }, tell, signal)
  // Mail that was returned before moves no more.
  const hadMail = (await waitingIn(edge)).length > 0
  const { kept, since, downtime } = await edge.cure(remedy, target, (text) => tell(`  ${text}`), signal)
  if (downtime !== null) tell(`The transport service was restarted; it took no mail for ${Math.round(downtime)} ms.`)
  tell(kept ? 'The remedy is kept.' : 'The remedy was rolled back.')
  if (!kept || since === null || (!hadMail && remedy !== 'start-service')) return
  const settled = async () => {
    const waiting = await waitingIn(edge)
    // The delivery may be seen before the queue knows of it, so an empty queue is waited for as well.
    if (delivered(lab) >= lab.scenario.messages.length) return waiting.length === 0
    const tried = waiting.every(({ status, attempts }) => status === 'Suspended' || (status === 'Retry' && attempts.some(({ at }) => at > since)))
    return tried && (waiting.length > 0 || (await noticesIn(lab, edge)) > 0)
  }
  await until(settled, { watch: edge.watch, signal, limit: deliveryLimit })
}

async function waitFor(lab: Lab, edge: LabEdge, { remedy, target, end }: Curing, tell: Tell, signal: AbortSignal): Promise<void> {
  const wanted = Date.parse(remedy.slice('wait:'.length))
  if (!(wanted <= end)) return tell('That is longer than a rehearsal lasts: the mail is left to wait.')
  const gone = async () => delivered(lab) >= lab.scenario.messages.length && (await waitingIn(edge)).length === 0
  if (await until(gone, { watch: edge.watch, signal, limit: Math.max(0, wanted - Date.now()) })) return
  await edge.cure('retry', target, (text) => tell(`  ${text}`), signal)
  await until(gone, { watch: edge.watch, signal, limit: Math.max(1_000, end - Date.now()) })
}

function ending(lab: Lab, result: Outcome['result'], waiting: number): string {
  const got = lab.delivered().at(-1)
  if (result === 'still waiting') return `${waiting} of ${lab.scenario.messages.length} still waiting.`
  if (result === 'returned') return 'Returned to the sender.'
  const where = got ? ` The destination has “${got.subject}” for ${got.recipients.join(', ')}.` : ''
  return result === 'delivered' ? `Delivered.${where}` : `Nothing is wrong: the mail was delivered at once.${where}`
}
