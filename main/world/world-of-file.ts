// A world of a file's making, for the lab and for tests: what the file leaves out is the machine's own.
import { closeSync, constants, fstatSync, openSync, readFileSync, statSync } from 'node:fs'
import { SocketAddress, isIPv6 } from 'node:net'
import { dirname, resolve } from 'node:path'
import { Failure, firstProblem } from '../../preload/contract/failure.ts'
import type { DnsServerAddress } from '../../preload/contract/dns.ts'
import { machineWorld, watchFile } from './machine.ts'
import { isPublicAddress } from './public-address.ts'
import { parsePlace, worldFileSchema, type WorldFile } from './world-schema.ts'
import type { World } from './world.ts'

/** Bytes. A world is written by hand or by the lab; more than this is another file. */
const largest = 4 * 1024 * 1024

/**
 * The world of the file. Throws a Failure `bad-input` that names the file and the place. The file is read again when
 * it changed, so that an adapter can be taken away by writing it; while it cannot be read or is damaged, the last good
 * content stands. In such a world the addresses for documentation (RFC 5737, RFC 3849) count as public, since they
 * stand for the Internet there.
 */
export async function worldOfFile(file: string): Promise<World> {
  const machine = machineWorld()
  const path = resolve(file)
  let text = textOf(path)
  let content = contentOf(path, text)
  let seen = stampOf(path)
  /** What the file says now: looked at whenever it is asked for, read only when it is another. */
  const now = (): Content => {
    const stamp = stampOf(path)
    if (stamp === null || stamp === seen) return content
    try {
      const fresh = textOf(path)
      if (fresh !== text) content = contentOf(path, fresh)
      text = fresh
      seen = stamp
    } catch (error) {
      if (!(error instanceof Failure)) throw error
    }
    return content
  }
  return {
    async adapters() {
      const { adapters } = now().file
      return adapters ? structuredClone(adapters) : machine.adapters()
    },
    watchAdapters(listener) {
      const stops = [watchFile(path, listener), machine.watchAdapters(() => {
        if (!now().file.adapters) listener()
      })]
      return () => stops.forEach((stop) => stop())
    },
    get hostsFile() {
      return now().hostsFile ?? machine.hostsFile
    },
    watchHosts(listener) {
      const hostsFile = () => now().hostsFile ?? machine.hostsFile
      let watched = hostsFile()
      let unwatch = watchFile(watched, listener)
      const stop = watchFile(path, () => {
        if (hostsFile() === watched) return
        unwatch()
        watched = hostsFile()
        unwatch = watchFile(watched, listener)
        listener()
      })
      return () => {
        stop()
        unwatch()
      }
    },
    system: machine.system,
    get egressAddress() {
      const { egressAddress } = now().file
      return egressAddress === undefined ? machine.egressAddress : egressAddress
    },
    get blocklists() {
      return now().file.blocklists ?? machine.blocklists
    },
    get patience() {
      return now().file.patience ?? machine.patience
    },
    get freeSpace() {
      return now().file.freeSpace ?? machine.freeSpace
    },
    source: (address) => now().file.sources?.[address] ?? machine.source(address),
    isPublic: (address) => isPublicAddress(address, true),
    reach: (address, port) => now().reach.get(placeKey({ address, port })) ?? machine.reach(address, port),
    file: path,
  }
}

interface Content {
  file: WorldFile
  hostsFile: string | null
  reach: Map<string, DnsServerAddress>
}

const refused = (path: string, why: string, remedy: string) => new Failure('bad-input', `The world file “${path}” ${why}`, remedy)

/** Null where the file is not there at this moment, as while it is being replaced. */
function stampOf(path: string): string | null {
  const about = statSync(path, { throwIfNoEntry: false })
  return about ? `${about.ino} ${about.mtimeMs} ${about.size}` : null
}

function textOf(path: string): string {
  try {
    // Without O_NONBLOCK, opening a pipe would wait for its writer. Windows has no such flag and no such pipes.
    const handle = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    try {
      const about = fstatSync(handle)
      if (!about.isFile()) throw refused(path, 'is not a file.', 'Give the path of a JSON file.')
      if (about.size > largest) throw refused(path, `is larger than ${largest / 1024 / 1024} MB.`, 'Give the path of a world file.')
      return readFileSync(handle, 'utf8').replace(/^\ufeff/, '')
    } finally {
      closeSync(handle)
    }
  } catch (error) {
    if (error instanceof Failure) throw error
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT') throw refused(path, 'does not exist.', 'Check the path given to --world.')
    if (code === 'EACCES' || code === 'EPERM') throw refused(path, 'may not be read.', 'Give this user the right to read it.')
    throw refused(path, `cannot be read (${String(code ?? error)}).`, 'Check the path given to --world.')
  }
}

function contentOf(path: string, text: string): Content {
  let given: unknown
  try {
    given = JSON.parse(text)
  } catch (error) {
    throw refused(path, `is not valid JSON: ${placeIn(text, error)}.`, 'Correct the file at that place.')
  }
  const parsed = worldFileSchema.safeParse(given)
  if (!parsed.success)
    throw refused(path, `cannot be used: ${firstProblem(parsed.error)}`, `Correct that; the keys are ${Object.keys(worldFileSchema.shape).join(', ')}, each of them optional.`)
  const file = parsed.data
  const reach = Object.entries(file.reach ?? {}).flatMap(([from, to]) => {
    const [key, target] = [parsePlace(from), parsePlace(to)]
    return key && target ? [[placeKey(key), target] as const] : []
  })
  const hostsFile = file.hostsFile === undefined ? null : resolve(dirname(path), file.hostsFile)
  return { file, hostsFile, reach: new Map(reach) }
}

/** What JSON.parse complains of: it names the place by line and column where it tells the position, else by the text around it. */
function placeIn(text: string, error: unknown): string {
  const message = (error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ').replace(/ is not valid JSON$/, '')
  const position = /at position (\d+)/.exec(message)?.[1]
  if (position === undefined) return message
  const lines = text.slice(0, Number(position)).split('\n')
  return `${message.replace(/ in JSON at position .*$/, '')}, line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}`
}

/** One spelling for each place: IPv6 addresses have many. */
function placeKey({ address, port }: DnsServerAddress): string {
  const [bare = '', zone] = address.split('%')
  const spelled = isIPv6(bare) ? new SocketAddress({ address: bare, family: 'ipv6' }).address : bare
  return `${spelled}${zone === undefined ? '' : `%${zone}`} ${port}`
}
