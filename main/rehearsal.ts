// A rehearsal: the lab's world with an edge server of its own in it, its relay ending with this process.
import type { RehearsalState, Outcome } from '../preload/contract/rehearsal.ts'
import { diagnose } from './diagnosis/diagnose.ts'
import { carryOut } from './diagnosis/remedies.ts'
import type { Edge } from './edgewise.ts'
import { type Lab, openLab } from './lab/lab.ts'
import type { LabEdge } from './lab/edge.ts'
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
      return new Stage(lab, { world, transport: new EmbeddedTransport({ home: homeAt(lab.home), world, diesWithParent: true }) })
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
      await this.edge.transport.stop({ signal: AbortSignal.timeout(10_000) })
      await this.edge.transport.close()
    } finally {
      await this.lab.stop()
    }
  }
}

function labEdge({ world, transport }: Edge): LabEdge {
  return {
    adapters: () => world.adapters(),
    properties: () => transport.properties(),
    setLookups: (lookups) => transport.apply(lookups),
    start: (signal) => transport.start({ signal }),
    restart: (signal) => transport.restart(() => {}, { signal }),
    messages: async () => (await transport.messages(undefined, { offset: 0, limit: 1000 })).messages,
    diagnose: async (signal) => (await diagnose({ world, transport }, { signal })).causes,
    carryOut: (remedy) => carryOut(remedy, { world, transport }),
    watch: (listener) => transport.watch(listener),
  }
}
