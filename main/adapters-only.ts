// The core for a command that only lists adapters: without a transport, which takes as long to load as all the rest.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from '../preload/contract/failure.ts'
import type { Answers } from '../preload/contract/index.ts'
import { withAdvice } from './dns/advice.ts'
import type { Start } from './edgewise.ts'
import { homeAt } from './transport/embedded/home.ts'
import { worldOf } from './world/world-file.ts'

interface AdaptersOnly {
  answers: Partial<Answers>
  interrupted: null
  writeJournalled(): Promise<never>
  close(): Promise<void>
}

/** Null where that does not do: another transport is asked for, or a change was left open, which every start brings to its end. */
export async function openAdaptersOnly({ home, worldFile, transport }: Start): Promise<AdaptersOnly | null> {
  if (transport !== undefined || existsSync(join(homeAt(home).folder, 'changes', 'open.json'))) return null
  const world = await worldOf(worldFile)
  const list: Answers['adapters']['list'] = async () => ({ adapters: withAdvice(await world.adapters(), world) })
  return { answers: { adapters: { list, detail: unanswered, health: unanswered } }, interrupted: null, writeJournalled: unanswered, close: async () => undefined }
}

const unanswered = (): Promise<never> => Promise.reject(new Failure('unknown-call', 'This was opened to list adapters only.'))
