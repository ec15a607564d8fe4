// The world of a file, or the machine's own without one: mostly there is none, and what reads one is not loaded then.
import { machineWorld } from './machine.ts'
import type { World } from './world.ts'

export async function worldOf(file?: string): Promise<World> {
  return file === undefined ? machineWorld() : (await import('./world-of-file.ts')).worldOfFile(file)
}
