// A rehearsal: the lab's world with an edge server of its own in it, its relay ending with this process.
import { availableParallelism } from 'node:os'
import type { Step } from '../preload/contract/changes.ts'
import type { Diagnosis } from '../preload/contract/diagnosis.ts'
import { Failure } from '../preload/contract/failure.ts'
import type { Outcome, Played, RehearsalState } from '../preload/contract/rehearsal.ts'
import { Changes } from './change/changes.ts'
import { carryOut, remedyIn, type Curing } from './cure.ts'
import { diagnosesOf } from './diagnosis-answers.ts'
import { diagnose } from './diagnosis/diagnose.ts'
import { retry } from './diagnosis/remedies.ts'
import type { Edge } from './edgewise.ts'
import { type Lab, openLab } from './lab/lab.ts'
import type { Cured, EdgeSettings, LabEdge, ProvenCause } from './lab/edge.ts'
import { unplayed } from './lab/judge.ts'
import { play } from './lab/play.ts'
import { allScenarios, findScenario, listScenarios } from './lab/library.ts'
import type { Scenario } from './lab/scenario.ts'
import { setScene, type Tell } from './lab/scene.ts'
import { rehearsalState } from './lab/state.ts'
import { EmbeddedTransport } from './transport/embedded/embedded.ts'
import { printSettings, settingsSchema } from './transport/embedded/settings.ts'
import { homeAt } from './transport/embedded/home.ts'
import { worldOf } from './world/world-file.ts'

/** A scenario's name, or a whole scenario. */
export type Chosen = Parameters<typeof findScenario>[0]

export const scenarios = listScenarios

/** Plays a scenario from its beginning to its end, remedy included. */
export async function playScenario(chosen: Chosen, tell: Tell, signal: AbortSignal): Promise<Outcome> {
  return played(findScenario(chosen), tell, signal)
}

async function played(scenario: Scenario, tell: Tell, signal: AbortSignal): Promise<Outcome> {
  const stage = await Stage.set(scenario, signal)
  try {
    return await play(stage.lab, stage.labEdge, tell, signal)
  } finally {
    await stage.close()
  }
}

/** Each has an edge server of its own, whose start is work; the rest of a play is mostly waiting. */
const atOnce = Math.min(8, 2 * availableParallelism())

/** Plays every scenario; each is told as it ends. One that fails keeps no other from being played. */
export async function playAll(told: (played: Played) => void, signal: AbortSignal): Promise<Played[]> {
  const left = allScenarios()
  const ended: Played[] = []
  const next = async (): Promise<void> => {
    for (let scenario = left.shift(); scenario; scenario = left.shift()) {
      const began = performance.now()
      const end = await played(scenario, () => {}, signal).then(
        (outcome): Played => ({ ...outcome, failure: null }),
        (error: unknown) => unplayed(scenario, error instanceof Error ? error.message : String(error), performance.now() - began),
      )
      if (signal.aborted) throw new Failure('cancelled', 'The rehearsal was cancelled.')
      ended.push(end)
      told(end)
    }
  }
  // All of them are waited for: each clears away what it made.
  const ends = await Promise.allSettled(Array.from({ length: atOnce }, next))
  for (const end of ends) if (end.status === 'rejected') throw end.reason
  return ended.sort((a, b) => a.scenario.localeCompare(b.scenario))
}

/** One that is open for the administrator to play. */
export class Rehearsal {
  private readonly stage: Stage
  private readonly quiz: boolean
  /** Of the messages that were seen, by recipient. */
  private readonly ids: ReadonlyMap<string, string>
  private isAnswered = false

  private constructor(stage: Stage, { quiz, ids }: { quiz: boolean; ids: ReadonlyMap<string, string> }) {
    this.stage = stage
    this.quiz = quiz
    this.ids = ids
  }

  static async open({ scenario: chosen, quiz }: { scenario: Chosen; quiz: boolean }, tell: Tell, signal: AbortSignal): Promise<Rehearsal> {
    const stage = await Stage.set(findScenario(chosen), signal)
    try {
      const { ids } = await setScene(stage.lab, stage.labEdge, tell, signal)
      return new Rehearsal(stage, { quiz, ids })
    } catch (error) {
      await stage.close()
      throw error
    }
  }

  get edge(): Edge {
    return this.stage.edge
  }

  state(): Promise<RehearsalState> {
    return rehearsalState(this.stage.lab, this.stage.labEdge, { quiz: this.quiz, isAnswered: this.isAnswered, ids: this.ids, named: diagnosesOf(this.edge).flatMap(provenIn).map(({ name }) => name) })
  }

  /** From now on a quiz hides nothing more. */
  answer(): Outcome['expected'] & { title: string; story: string } {
    const { expected, title, story } = this.stage.lab.scenario
    this.isAnswered = true
    return { causes: expected.causes, remedy: expected.remedy ?? null, result: expected.result, title, story }
  }

  close(): Promise<void> {
    return this.stage.close()
  }
}

/** The lab and the edge server in it. */
class Stage {
  readonly lab: Lab
  readonly edge: Edge
  readonly labEdge: LabEdge
  private readonly transport: EmbeddedTransport
  private closed: Promise<void> | null = null

  private constructor(lab: Lab, edge: Edge, transport: EmbeddedTransport) {
    this.lab = lab
    this.transport = transport
    this.edge = edge
    this.labEdge = labEdge(edge)
  }

  static async set(scenario: Scenario, signal: AbortSignal): Promise<Stage> {
    const lab = await openLab(scenario, { signal })
    try {
      const world = await worldOf(lab.worldFile)
      const transport = new EmbeddedTransport({ home: homeAt(lab.home), world, diesWithParent: true })
      return new Stage(lab, { world, transport, changes: new Changes(lab.home, { world, transport }) }, transport)
    } catch (error) {
      await lab.stop()
      throw error
    }
  }

  close(): Promise<void> {
    this.closed ??= this.end()
    return this.closed
  }

  private async end(): Promise<void> {
    try {
      await this.transport.control('stop', { signal: AbortSignal.timeout(10_000) })
      await this.transport.close()
    } finally {
      await this.lab.stop()
    }
  }
}

function labEdge({ world, transport, changes }: Edge): LabEdge {
  const last = new Map<string, Diagnosis>()
  const state = async (action: 'start' | 'stop', signal: AbortSignal) => (await transport.control(action, { signal })).service
  return {
    adapters: () => world.adapters(),
    properties: () => transport.properties(),
    setUp: async (settings) => transport.write(withSettings((await transport.compose({ lookups: settings.lookups })).after, settings)),
    start: (signal) => state('start', signal),
    stop: (signal) => state('stop', signal),
    suspend: (queues, signal) => transport.act({ kind: 'suspend' }, { queues }, { signal, told: () => {} }),
    messages: async () => (await transport.messages({}, { offset: 0, limit: 1000 })).messages,
    diagnose: async (target, signal) => {
      const found = await diagnose({ world, transport }, { target, signal })
      last.set(target, found)
      return provenIn(found)
    },
    cure: async (name, target, tell, signal) => {
      const found = last.get(target)
      if (!found) throw new Failure('failed', 'Nothing was diagnosed yet.')
      const began = new Date()
      let course: Course = { since: null, stopping: null, downtime: null }
      const progress: Curing['progress'] = (told) => {
        if (told.kind === 'step') course = after(course, began, told.step)
        telling(told, tell)
      }
      // What is to be waited for is tried again once it has been.
      const remedy = name === 'retry' ? retry('') : remedyIn(found, name)
      const { done } = await carryOut({ world, transport, changes }, remedy, { target: found, by: 'the rehearsal', signal, progress })
      const { since, downtime } = course
      return { kept: done || remedy.deed !== null, since: since ?? (remedy.deed === null ? null : began.toISOString()), downtime }
    },
    watch: (listener) => transport.watch(listener),
  }
}

/** What the settings file of the embedded transport has beside the lookups. */
function withSettings(text: string, { name, acceptedDomains, limits, certificate, outboundAddresses }: EdgeSettings): string {
  const settings = settingsSchema.parse(JSON.parse(text))
  return printSettings(settingsSchema.parse({ ...settings, name, acceptedDomains, limits: { ...settings.limits, ...limits }, ...(certificate ? { certificate } : {}), ...(outboundAddresses.length > 0 ? { outboundAddresses } : {}) }))
}

/** The best remedy that one click does, else the first that is known. */
function provenIn({ causes, findings }: Diagnosis): ProvenCause[] {
  return causes
    .filter(({ proof }) => proof === 'proven')
    .map(({ name, for: by, remedies }) => ({ name, evidence: findings.filter(({ id }) => by.includes(id)).map(({ text }) => text), remedy: (remedies.find(({ wanted, deed }) => wanted !== null || deed !== null) ?? remedies[0])?.name ?? null }))
}

function telling(told: Parameters<Curing['progress']>[0], tell: Tell): void {
  if (told.kind === 'deed') tell(told.text)
  if (told.kind === 'probed') tell(told.probed.text)
  // What the servers said was told one by one.
  if (told.kind === 'step' && told.step.step !== 'probed') tell(told.step.text)
}

/** `stopping` in milliseconds since the change began. */
type Course = Pick<Cured, 'since' | 'downtime'> & { stopping: number | null }

/** When the service served again, and how long it took no mail. */
function after(course: Course, began: Date, { step, at }: Step): Course {
  if (step === 'stopping') return { ...course, stopping: at }
  if (step !== 'serving') return course
  return { ...course, since: new Date(began.getTime() + at).toISOString(), downtime: course.stopping === null ? null : at - course.stopping }
}
