// Where the console is: the node of the tree, the edge server that is selected, the dialog that is open.
import { create } from 'zustand'
import type { ServerId } from '../../preload/contract/server-id.ts'

export const places = ['edge', 'toolbox', 'queues', 'troubleshooter', 'smtp', 'hosts', 'rehearsal'] as const
export type Place = (typeof places)[number]

interface Where {
  place: Place
  server: ServerId
  /** Whose Properties are open. */
  properties: ServerId | null
  go(place: Place): void
  select(server: ServerId): void
  openProperties(server: ServerId): void
  closeProperties(): void
}

export const useWhere = create<Where>((set) => ({
  place: 'edge',
  server: 'local',
  properties: null,
  go: (place) => set({ place }),
  select: (server) => set({ server }),
  openProperties: (server) => set({ server, properties: server }),
  closeProperties: () => set({ properties: null }),
}))
