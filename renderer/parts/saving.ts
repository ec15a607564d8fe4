// What is to be saved into a file, and where.
import { create } from 'zustand'
import type { Result } from '../../preload/contract/call.ts'
import type { FailureValue } from '../../preload/contract/failure.ts'
import type { ServerId } from '../../preload/contract/server-id.ts'
import { edgewise, settled } from '../api.ts'

export interface Saved {
  title: string
  /** What will stand in it. */
  note: string
  /** What the file is called at first, behind the time. */
  name: string
  save(file: string): Promise<Result<{ files: string[] }>>
}

interface Saving {
  /** Null while nothing is to be saved. */
  what: Saved | null
  file: string
  files: readonly string[]
  phase: 'asked' | 'saving' | 'saved'
  failure: FailureValue | null
}

export const useSaving = create<Saving>(() => ({ what: null, file: '', files: [], phase: 'asked', failure: null }))

/** Beside the edge server's own files, one for each export of a day. */
export function exportFolder(home: string, now: Date): string {
  const between = home.includes('\\') ? '\\' : '/'
  const stamp = [now.getFullYear(), now.getMonth() + 1, now.getDate(), now.getHours(), now.getMinutes(), now.getSeconds()].map((part) => String(part).padStart(2, '0'))
  return [home, 'exported', `${stamp.slice(0, 3).join('-')} ${stamp.slice(3).join('')}`].join(between)
}

export async function askFile(server: ServerId, what: Saved): Promise<void> {
  useSaving.setState({ what, file: '', files: [], phase: 'asked', failure: null })
  const properties = await settled(edgewise.servers.properties({ server }))
  // Whoever has begun to type is not interrupted.
  if (properties.ok && useSaving.getState().file === '') useSaving.setState({ file: `${exportFolder(properties.value.server.home, new Date())} ${what.name}` })
}

export async function save(): Promise<void> {
  const { what, file, phase } = useSaving.getState()
  if (!what || phase === 'saving') return
  useSaving.setState({ phase: 'saving', failure: null })
  const result = await settled(what.save(file.trim()))
  if (result.ok) useSaving.setState({ phase: 'saved', files: result.value.files })
  else useSaving.setState({ phase: 'asked', failure: result.error })
}

export const closeSaving = () => useSaving.setState({ what: null })
