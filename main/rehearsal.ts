// A rehearsal: the lab's world with an edge server of its own in it, its relay ending with this process.
import type { Change, ChangeProgress, ChangeStep } from '../preload/contract/changes.ts'
import type { RehearsalState, Outcome } from '../preload/contract/rehearsal.ts'
import { Changes, type Wish } from './change/changes.ts'
import { diagnose } from './diagnosis/diagnose.ts'
import { wantedBy } from './diagnosis/remedies.ts'
import type { Edge } from './edgewise.ts'
import { type Lab, openLab } from './lab/lab.ts'
import type { Cured, LabEdge } from './lab/edge.ts'
import { play, setScene, type Tell } from './lab/play.ts'
import { findScenario, listScenarios } from './lab/library.ts'
import { rehearsalState } from './lab/state.ts'
import { EmbeddedTransport } from './transport/embedded/embedded.ts'
import { homeAt } from './transport/embedded/home.ts'
import { worldOf } from './world/world-file.ts'

/** A scenario's name, or a whole scenario. */
export type Chosen = Parameters<typeof findScenario>[0]

export const scenarios = listScenarios

/** Plays a scenario from its beginning to its end, remedy included. */
export async function playScenario(chosen: Chosen, tell: Tell, signal: AbortSignal): Promise<Outcome> {
  const stage = await Stage.set(chosen, signal)
  try {
    return await play(stage.lab, stage.labEdge, tell, signal)
  } finally {
    await stage.close()
  }
}

/** One that is open for the administrator to play. */
export class Rehearsal {
  private readonly stage: Stage

  private constructor(stage: Stage) {
    this.stage = stage
  }

  static async open(chosen: Chosen, tell: Tell, signal: AbortSignal): Promise<Rehearsal> {
    const stage = await Stage.set(chosen, signal)
    try {
      await setScene(stage.lab, stage.labEdge, tell, signal)
      return new Rehearsal(stage)
    } catch (error) {
      await stage.close()
      throw error
    }
  }

  get edge(): Edge {
    return this.stage.edge
  }

  state(): Promise<RehearsalState> {
    return rehearsalState(this.stage.lab, this.stage.labEdge)
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
  private closed: Promise<void> | null = null

  private constructor(lab: Lab, edge: Edge) {
    this.lab = lab
    this.edge = edge
    this.labEdge = labEdge(edge)
  }

  static async set(chosen: Chosen, signal: AbortSignal): Promise<Stage> {
    const lab = await openLab(findScenario(chosen), { signal })
    try {
      const world = await worldOf(lab.worldFile)
      const transport = new EmbeddedTransport({ home: homeAt(lab.home), world, diesWithParent: true })
      return new Stage(lab, { world, transport, changes: new Changes(lab.home, { world, transport }) })
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
      await this.edge.transport.control('stop', { signal: AbortSignal.timeout(10_000) })
      await this.edge.transport.close()
    } finally {
      await this.lab.stop()
    }
  }
}

function labEdge({ world, transport, changes }: Edge): LabEdge {
  return {
    adapters: () => world.adapters(),
    properties: () => transport.properties(),
    setLookups: async (lookups) => transport.write((await transport.compose({ lookups })).after),
    start: async (signal) => (await transport.control('start', { signal })).service,
    messages: async () => (await transport.messages({}, { offset: 0, limit: 1000 })).messages,
    diagnose: async (signal) => (await diagnose({ world, transport }, { signal })).causes,
    cure: async (remedy, tell, signal) => cured(await changes.run({ ...guard, wanted: await wantedBy(remedy, { world, transport }) }, { progress: (told) => telling(told, tell), signal })),
    watch: (listener) => transport.watch(listener),
  }
}

/** Nobody is there to be asked: a remedy that got past DNS is kept, whatever the destination says. */
const guard: Omit<Wish, 'wanted'> = { restart: true, drain: false, force: false, keep: true, by: 'the rehearsal' }

function telling(told: ChangeProgress, tell: Tell): void {
  if (told.kind === 'probed') tell(told.probed.text)
  // What the servers said was told one by one.
  if (told.kind === 'step' && told.step.step !== 'probed') tell(told.step.text)
}

function cured({ state, began, steps }: Change): Cured {
  const at = (wanted: ChangeStep) => steps.find(({ step }) => step === wanted)?.at ?? null
  const [stopping, serving] = [at('stopping'), at('serving')]
  return {
    kept: state === 'kept',
    since: serving === null ? null : new Date(Date.parse(began) + serving).toISOString(),
    downtime: stopping === null || serving === null ? null : serving - stopping,
  }
}
