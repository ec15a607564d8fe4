// Back pressure: where the disk that holds the queue is nearly full, no further mail is taken until there is room again.
import { statfs } from 'node:fs/promises'
import type { World } from '../../world/world.ts'

/** Bytes, where the settings say nothing. */
const usualLeast = 50 * 1024 * 1024
/** Milliseconds for which an answer stands: a burst of mail asks the disk once. */
const fresh = 1_000

export class FreeSpace {
  private readonly world: Pick<World, 'freeSpace'>
  private readonly folder: string
  private readonly least: number
  private asked: { at: number; free: Promise<number> } | null = null

  constructor(world: Pick<World, 'freeSpace'>, folder: string, least = usualLeast) {
    this.world = world
    this.folder = folder
    this.least = least
  }

  /** A disk that cannot be asked is not full: what is written to it tells soon enough. */
  async isShort(): Promise<boolean> {
    const said = this.world.freeSpace
    if (said !== null) return said < this.least
    if (this.asked === null || Date.now() - this.asked.at > fresh) this.asked = { at: Date.now(), free: bytesFree(this.folder) }
    return (await this.asked.free) < this.least
  }
}

/** As they are free to whoever is no administrator. */
async function bytesFree(folder: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(folder)
    return bavail * bsize
  } catch {
    return Number.POSITIVE_INFINITY
  }
}
