// The address that destinations see: asked once, kept by the edge server.
import { create } from 'zustand'
import type { Egress } from '../../preload/contract/diagnosis.ts'
import type { FailureValue } from '../../preload/contract/failure.ts'
import type { ServerId } from '../../preload/contract/server-id.ts'
import { edgewise, settled } from '../api.ts'

interface Shown {
  /** Null until it is known what is known. */
  egress: Egress | null
  /** What is typed; null while nobody changes it. */
  typed: string | null
  /** Whoever has typed goes on at the button that began it. */
  hasTyped: boolean
  isSaving: boolean
  failure: FailureValue | null
}

export const useEgress = create<Shown>(() => ({ egress: null, typed: null, hasTyped: false, isSaving: false, failure: null }))
const { getState: get, setState: set } = useEgress
let asked: ServerId | null = null

export async function askEgress(server: ServerId): Promise<void> {
  asked = server
  set({ egress: null, typed: null, hasTyped: false, failure: null })
  const result = await settled(edgewise.diagnosis.egress({ server }))
  if (asked !== server) return
  if (result.ok) set({ egress: result.value })
  else set({ failure: result.error })
}

export const changeEgress = () => set(({ egress }) => ({ typed: egress?.address ?? '', hasTyped: true, failure: null }))
export const typeEgress = (typed: string) => set({ typed })
export const leaveEgress = () => set({ typed: null, failure: null })

/** Empty forgets the one that was given. */
export async function saveEgress(server: ServerId): Promise<void> {
  const { typed, isSaving } = get()
  if (typed === null || isSaving) return
  set({ isSaving: true, failure: null })
  const result = await settled(edgewise.diagnosis.setEgress({ server, address: typed.trim() || null }))
  if (asked !== server) return set({ isSaving: false })
  if (result.ok) set({ egress: result.value, typed: null, isSaving: false })
  else set({ isSaving: false, failure: result.error })
}
