// For a command that only lists adapters, which is asked often and must be quick: without a transport, and without
// the contract's schemas, since what our own code has read is printed by our own code and crosses no border.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Result } from '../preload/contract/call.ts'
import type { ListedAdapter } from '../preload/contract/adapters.ts'
import { Failure } from '../preload/contract/failure.ts'
import { withAdvice } from './dns/advice.ts'
import type { Start } from './edgewise.ts'
import { homeFolder } from './transport/embedded/home-folder.ts'
import { worldOf } from './world/world-file.ts'

interface AdaptersOnly {
  ask(topic: string, name: string): Promise<Result<{ adapters: ListedAdapter[] }>>
  interrupted: null
  writeJournalled(): Promise<never>
  close(): Promise<void>
}

/** Null where that does not do: another transport is asked for, or a change was left open, which every start brings to its end. */
export async function openAdaptersOnly({ home, worldFile, transport, configDir }: Start): Promise<AdaptersOnly | null> {
  if (transport !== undefined || configDir !== undefined || existsSync(join(homeFolder(home), 'changes', 'open.json'))) return null
  const world = await worldOf(worldFile)
  return {
    async ask(topic, name) {
      if (topic !== 'adapters' || name !== 'list') throw unanswered()
      return { ok: true, value: { adapters: withAdvice(await world.adapters(), world) } }
    },
    interrupted: null,
    writeJournalled: () => Promise.reject(unanswered()),
    close: async () => undefined,
  }
}

const unanswered = () => new Failure('unknown-call', 'This was opened to list adapters only.')
