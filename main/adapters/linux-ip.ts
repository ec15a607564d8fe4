// Asks the program `ip` for all links at once: where the kernel cannot be asked in this process, and to tell for sure
// that both say the same.
import { z } from 'zod'
import { Failure } from '../../preload/contract/failure.ts'
import { run } from './child.ts'
import { linksFrom, type Link, type Told } from './linux-links.ts'

/** Milliseconds. */
const limit = 3000

const told = z.object({
  ifindex: z.number(),
  ifname: z.string().min(1),
  flags: z.array(z.string()).catch([]),
  operstate: z.string().catch('UNKNOWN'),
  link_type: z.string().catch(''),
  address: z.string().optional().catch(undefined),
  permaddr: z.string().optional().catch(undefined),
  master: z.string().optional().catch(undefined),
  ifalias: z.string().optional().catch(undefined),
  linkinfo: z
    .object({ info_kind: z.string().optional(), info_data: z.object({ type: z.string().optional().catch(undefined) }).optional().catch(undefined) })
    .catch({}),
  addr_info: z.array(z.unknown()).catch([]),
})

const toldAddress = z.object({ local: z.string(), prefixlen: z.number(), dadfailed: z.boolean().optional(), dynamic: z.boolean().optional() })

/** `command` is `ip` with what comes before its options, such as `-n` and the name of a network namespace. */
export async function askLinks(command: readonly [string, ...string[]], signal?: AbortSignal): Promise<Link[]> {
  const [program, ...first] = command
  const ran = await run(program, [...first, '-j', '-d', 'addr'], { limit, signal })
  const cannot = 'so the network adapters cannot be read.'
  if (ran.kind === 'cancelled') throw new Failure('cancelled', 'Reading the network adapters was cancelled.')
  if (ran.kind === 'missing')
    throw new Failure('failed', `The program “ip” is missing, ${cannot}`, 'Install it: “apt install iproute2” on Debian and Ubuntu, “dnf install iproute” on Fedora and Red Hat.')
  if (ran.kind === 'too-slow')
    throw new Failure('timed-out', `The program “ip” did not answer within ${limit / 1000} s, ${cannot}`, 'Try “ip addr” in a terminal; where that hangs too, the system is overloaded or a network driver is stuck.')
  if (ran.kind === 'failed' || ran.code !== 0) {
    const why = ran.kind === 'failed' ? ran.text : ran.stderr.trim().split('\n')[0] || `exit code ${ran.code}`
    throw new Failure('failed', `The program “ip” failed (${why}), ${cannot}`, 'Edgewise needs the “ip” of iproute2, version 4.14 or later; that of BusyBox does not do.')
  }
  return linksIn(ran.stdout)
}

/** Throws a Failure where the text is no JSON; an entry that makes no sense is left out. */
export function linksIn(text: string): Link[] {
  let given: unknown
  try {
    given = JSON.parse(text === '' ? '[]' : text)
  } catch {
    throw new Failure('failed', 'The program “ip” answered with something that is not JSON, so the network adapters cannot be read.', 'Edgewise needs the “ip” of iproute2, version 4.14 or later; that of BusyBox does not do.')
  }
  const entries = (Array.isArray(given) ? given : []).flatMap((entry) => told.safeParse(entry).data ?? [])
  return linksFrom(entries.map((entry): Told => ({ ...entry, addr_info: entry.addr_info.flatMap((address) => toldAddress.safeParse(address).data ?? []) })))
}
