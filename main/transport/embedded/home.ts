// The home folder of an embedded relay: what lies where in it. One relay per home folder.
import { mkdir, chmod } from 'node:fs/promises'
import { createHash } from 'node:crypto'
import { join, sep } from 'node:path'
import { Failure } from '../../../preload/contract/failure.ts'
import { reason } from '../reason.ts'
import { removedIn } from '../removals.ts'
import { homeFolder } from './home-folder.ts'

export interface Home {
  folder: string
  settings: string
  lock: string
  log: string
  /** The address that a relay chose for itself since the usual one was taken. */
  chosenListen: string
  /** Present while the administrator wants the transport service stopped. */
  stoppedByHand: string
  control: string
  /** Haraka's own folder: config, plugins, queue. */
  relay: string
  queue: string
  attempts: string
  unreadable: string
  /** Removed messages, which can be put back for a day. */
  removed: string
  /** Which queues and messages are suspended. */
  suspended: string
}

export function homeAt(given: string | undefined): Home {
  const folder = homeFolder(given)
  const relay = join(folder, 'relay')
  return {
    folder,
    settings: join(folder, 'settings.json'),
    lock: join(folder, 'relay.lock'),
    log: join(folder, 'relay.log'),
    chosenListen: join(folder, 'relay.listen'),
    stoppedByHand: join(folder, 'relay.stopped'),
    control: controlAddress(folder),
    relay,
    queue: join(relay, 'queue'),
    attempts: join(relay, 'attempts'),
    unreadable: join(relay, 'unreadable'),
    removed: removedIn(folder),
    suspended: join(relay, 'suspended.json'),
  }
}

/** A socket in the home folder; Windows has named pipes instead. */
function controlAddress(folder: string): string {
  if (sep === '\\') return `\\\\.\\pipe\\edgewise-${createHash('sha256').update(folder.toLowerCase()).digest('hex').slice(0, 24)}`
  return join(folder, 'relay.sock')
}

/** The longest path that a Unix socket can have on every system (sockaddr_un: 104 bytes with its end on macOS and BSD). */
const longestSocketPath = 103

/** Makes the home folder, readable by its owner only. */
export async function makeHome(home: Home): Promise<void> {
  if (sep !== '\\' && Buffer.byteLength(home.control) > longestSocketPath)
    throw new Failure(
      'bad-input',
      `The home folder's path is too long: ${home.folder}`,
      `A control socket must fit into it, so choose a home folder of at most ${longestSocketPath - '/relay.sock'.length} bytes with --home.`,
    )
  try {
    await mkdir(home.folder, { recursive: true, mode: 0o700 })
    for (const folder of [home.queue, home.attempts, home.unreadable, home.removed]) await mkdir(folder, { recursive: true, mode: 0o700 })
    // A folder that was there before may be open to others; the control socket must not be.
    await chmod(home.relay, 0o700)
  } catch (error) {
    throw homeFailure(home, error)
  }
}

export function homeFailure(home: Home, error: unknown): Failure {
  return new Failure(
    reason(error) === 'permission denied' ? 'needs-administrator' : 'failed',
    `The home folder ${home.folder} cannot be written: ${reason(error)}.`,
    'Make it writable for you, free space on its disk, or choose another with --home.',
  )
}
