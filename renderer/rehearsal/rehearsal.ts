// The rehearsal: which scenarios there are, what is being told, and how far the one that is open has come.
import { create } from 'zustand'
import type { Running } from '../../preload/contract/call.ts'
import type { FailureValue } from '../../preload/contract/failure.ts'
import type { Outcome, RehearsalState } from '../../preload/contract/rehearsal.ts'
import type { ServerId } from '../../preload/contract/server-id.ts'
import { edgewise, settled } from '../api.ts'
import { askServersAgain } from '../console/servers.ts'
import { say } from '../console/notices.ts'
import { useWhere } from '../console/place.ts'
import { changesOf, follow, type Following } from '../parts/follow.ts'
import { forget, openTroubleshooter, useTroubleshooter } from '../troubleshooter/troubleshooter.ts'
import { forgetQuiz, isCauseHidden, useQuiz } from './quiz.ts'

interface Scenario {
  name: string
  title: string
}

interface Rehearsal {
  scenarios: readonly Scenario[] | null
  /** The name of the one that is chosen in the list. */
  chosen: string | null
  /** The one that is open; null while none is. */
  open: RehearsalState | null
  doing: 'nothing' | 'opening' | 'playing' | 'ending'
  /** What is told, line by line, of the one that is being opened or played. */
  scenes: readonly string[]
  outcome: Outcome | null
  failure: FailureValue | null
}

export const useRehearsal = create<Rehearsal>(() => ({
  scenarios: null,
  chosen: null,
  open: null,
  doing: 'nothing',
  scenes: [],
  outcome: null,
  failure: null,
}))

const { getState: get, setState: set } = useRehearsal

let following: Following<{ rehearsal: RehearsalState | null }> | null = null
let running: Running<unknown> | null = null

/** All of it: the last step is to see that, and in a quiz none is done before. */
/** In a quiz the steps are the same for every scenario, and are not ticked one by one. */
export const isDelivered = (open: RehearsalState) => (open.quiz || isDone(open)) && open.waiting === 0 && open.delivered > 0
/** What is left, if anything, is for others to do. */
export const isDone = ({ steps }: RehearsalState) => steps.every(({ done }) => done)

/** Of this edge server, nothing is said that would give a quiz’s cause away. */
export function useCauseHidden(server: ServerId): boolean {
  const open = useRehearsal((now) => now.open)
  const answered = useQuiz((quiz) => quiz.answered)
  return server === 'rehearsal' && isCauseHidden(open, answered)
}

/** What a diagnosis of the open rehearsal is about: mail that was returned waits no more. */
export const targetOf = () => get().open?.target ?? '*'
export const askTroubleshooter = () => openTroubleshooter('rehearsal', targetOf())

export function followRehearsal(): void {
  following = follow(
    () => edgewise.rehearsal.state({}),
    changesOf('rehearsal'),
    (result) => {
      if (result.ok) set({ open: result.value.rehearsal })
    },
  )
  // What a diagnosis found is a step too, and changes nothing that anybody tells of.
  useTroubleshooter.subscribe(({ server, diagnosis }, before) => {
    if (server === 'rehearsal' && diagnosis !== null && diagnosis !== before.diagnosis) void following?.again()
  })
}

/** The incident that the console is about, where it is there. */
const usual = 'wrong-adapter'
const first = (scenarios: readonly Scenario[]) => (scenarios.find(({ name }) => name === usual) ?? scenarios[0])?.name ?? null

export const choose = (chosen: string) => set({ chosen })

export async function askScenarios(): Promise<void> {
  if (get().scenarios) return
  const result = await settled(edgewise.rehearsal.scenarios({}))
  if (result.ok) set({ scenarios: result.value.scenarios, chosen: first(result.value.scenarios) })
  else set({ failure: result.error })
}

const tell = ({ text }: { text: string }) => set(({ scenes }) => ({ scenes: [...scenes, text] }))
const begin = (doing: 'opening' | 'playing') => set({ doing, scenes: [], outcome: null, failure: null })

/** Sets the scene; then the console shows the rehearsal's edge server, and the rest is the administrator's. */
export async function openRehearsal(scenario: string): Promise<void> {
  return open(scenario, false)
}

/** One that nobody chose, with its cause hidden. */
export async function openQuizRehearsal(random = Math.random): Promise<void> {
  const scenarios = get().scenarios ?? []
  const scenario = scenarios[Math.floor(random() * scenarios.length)]
  if (scenario) return open(scenario.name, true)
}

async function open(scenario: string, quiz: boolean): Promise<void> {
  begin('opening')
  forgetQuiz()
  forgetFound()
  // What is told while the scene is set would give the cause away.
  const opening = edgewise.rehearsal.open({ scenario, quiz }, quiz ? () => undefined : tell)
  running = opening
  const result = await settled(opening.result)
  running = null
  if (!result.ok) return set({ doing: 'nothing', failure: result.error })
  set({ open: result.value })
  await askServersAgain()
  set({ doing: 'nothing' })
  const where = useWhere.getState()
  where.select('rehearsal')
  where.go('edge')
}

export async function playRehearsal(scenario: string): Promise<void> {
  begin('playing')
  const playing = edgewise.rehearsal.play({ scenario }, tell)
  running = playing
  const result = await settled(playing.result)
  running = null
  if (result.ok) set({ doing: 'nothing', outcome: result.value })
  else set({ doing: 'nothing', failure: result.error })
}

export const cancelRehearsal = () => running?.cancel()

/** What was found of one rehearsal is not the next one’s; what is being looked for ends. */
function forgetFound(): void {
  if (useTroubleshooter.getState().server === 'rehearsal') forget('rehearsal')
}

export async function endRehearsal(): Promise<void> {
  if (get().doing !== 'nothing') return
  set({ doing: 'ending' })
  forgetFound()
  const result = await settled(edgewise.rehearsal.close({}))
  if (!result.ok) say(`The rehearsal did not end. ${result.error.message}`)
  await Promise.all([following?.again(), askServersAgain()])
  forgetQuiz()
  forgetFound()
  set({ doing: 'nothing', scenes: [] })
}
