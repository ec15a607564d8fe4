// Tells who listens that something outside changed, such as the adapters of an edge server or its hosts file. While
// nobody listens, nothing is watched: a command that only lists them needs no watch.
import type { ServerId } from '../preload/contract/server-id.ts'
import type { World } from './world/world.ts'

type Listener = (change: { server: ServerId; revision: number }) => void

/** The worlds' own ways of being watched. */
type Watch = 'watchAdapters' | 'watchHosts'

export class WorldWatch<W extends Watch> {
  readonly #watch: W
  readonly #worlds = new Map<ServerId, Pick<World, W>>()
  readonly #stops = new Map<ServerId, () => void>()
  readonly #listeners = new Set<Listener>()
  #revision = 0

  constructor(watch: W) {
    this.#watch = watch
  }

  listen(listener: Listener): () => void {
    this.#listeners.add(listener)
    for (const server of this.#worlds.keys()) this.#begin(server)
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size === 0) this.#endAll()
    }
  }

  add(server: ServerId, world: Pick<World, W>): void {
    this.remove(server)
    this.#worlds.set(server, world)
    if (this.#listeners.size > 0) this.#begin(server)
  }

  remove(server: ServerId): void {
    this.#worlds.delete(server)
    this.#stops.get(server)?.()
    this.#stops.delete(server)
  }

  close(): void {
    this.#listeners.clear()
    this.#endAll()
  }

  #begin(server: ServerId): void {
    if (this.#stops.has(server)) return
    const stop = this.#worlds.get(server)?.[this.#watch](() => this.#tell(server))
    if (stop) this.#stops.set(server, stop)
  }

  #endAll(): void {
    for (const stop of this.#stops.values()) stop()
    this.#stops.clear()
  }

  #tell(server: ServerId): void {
    this.#revision += 1
    for (const listener of this.#listeners) listener({ server, revision: this.#revision })
  }
}
