// master.cf: where the instance takes mail, and which of its services live in a root folder of their own.
import type { Instance } from './instance.ts'
import { postconfLimit } from './instance.ts'
import { programFailure, run } from './programs.ts'
import { Failure } from '../../../preload/contract/failure.ts'

export interface Service {
  name: string
  type: string
  isChrooted: boolean
  command: string
}

/** Throws a Failure that names file and line where it cannot be read. */
export async function readServices({ configDir, values }: Instance, signal: AbortSignal): Promise<Service[]> {
  const ran = await run('postconf', ['-M'], { configDir, signal, limit: postconfLimit })
  if (ran.code !== 0) throw new Failure('failed', `Postfix’s services cannot be read. ${programFailure('postconf', ran).message}`, 'Mend that line of master.cf, then try again.')
  return servicesIn(ran.output, values.get('compatibility_level') ?? '0')
}

export function servicesIn(output: string, compatibility: string): Service[] {
  // Before level 1 a service was chrooted unless it said otherwise.
  const unsaid = Number.parseFloat(compatibility) < 1
  return output.split('\n').flatMap((line) => {
    const [name, type, , , chroot, , , command] = line.trim().split(/\s+/)
    if (name === undefined || type === undefined || command === undefined) return []
    return [{ name, type, isChrooted: chroot === 'y' || (chroot === '-' && unsaid), command }]
  })
}

/** Whether what delivers to other hosts sees only what lies in the queue folder. */
export const isClientChrooted = (services: Service[]): boolean => services.some(({ name, type, isChrooted }) => name === 'smtp' && type === 'unix' && isChrooted)

const ports: Record<string, number> = { smtp: 25, submission: 587, submissions: 465, smtps: 465 }

/** The first place where it takes mail, as `127.0.0.1:2525`; null where it takes none from the network. */
export function listeningAt(services: Service[], interfaces: string): { address: string; port: number; text: string } | null {
  const taking = services.filter(({ type, command }) => type === 'inet' && (command === 'smtpd' || command === 'postscreen'))
  for (const { name } of taking) {
    const [, bracketed, plain, last = name] = /^(?:(?:\[([^\]]+)\]|([^:]+)):)?([^:]+)$/.exec(name) ?? []
    const port = ports[last] ?? Number(last)
    if (!Number.isInteger(port) || port < 1 || port > 65_535) continue
    const address = bracketed ?? plain ?? addressOf(interfaces)
    return { address: address === '0.0.0.0' ? '127.0.0.1' : address, port, text: address.includes(':') ? `[${address}]:${port}` : `${address}:${port}` }
  }
  return null
}

function addressOf(interfaces: string): string {
  const [first = 'all'] = interfaces.split(/[\s,]+/).filter((part) => part !== '')
  if (first === 'all') return '0.0.0.0'
  return first === 'loopback-only' || first === 'localhost' ? '127.0.0.1' : first
}
