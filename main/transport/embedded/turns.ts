// Whose turn it is, decided by the ledger: Haraka keeps what waits in a list that takes ever longer the longer it is,
// and each message in memory whole. Here it is given a message when its turn comes, and only as many as it delivers.
import { join } from 'node:path'
import type { Hmail } from './haraka.ts'

/** Haraka's delivery queue (outbound/queue.js). */
interface DeliveryQueue {
  push(hmail: Hmail): void
  length(): number
  _process(): void
}

export interface HarakaQueues {
  /** Reads the whole queue when the server starts. */
  init_queue(): Promise<void>
  delivery_queue: DeliveryQueue
  temp_fail_queue: { add(filename: string, milliseconds: number, due: () => void): unknown }
}

export interface TurnWatch {
  /** A message was accepted; answers whether it is delivered at once. Otherwise it is forgotten until its turn. */
  arrived(hmail: Hmail): boolean
  /** An attempt is over, and the next is due in so many milliseconds; its file has this name now. */
  waitsAgain(filename: string, milliseconds: number): void
  /** There may be room for one more delivery. */
  room(): void
}

export interface Turns {
  /** How many more can be delivered at the same time. */
  room(): number
  /** Delivers what lies in this queue file; `lost` where it cannot be read. */
  deliver(filename: string, lost: () => void): void
}

export interface HmailClass {
  new (filename: string, path: string): Hmail
  prototype: Hmail
}

/** At the same time; more than Haraka's own `concurrency_max` would only wait inside it. */
export const mostDeliveries = 100

export function takeTurns(queueFolder: string, queues: HarakaQueues, HMailItem: HmailClass, watch: TurnWatch): Turns {
  const { delivery_queue: deliveries, temp_fail_queue: waiting } = queues
  const loading = new Set<Hmail>()
  const push = deliveries.push.bind(deliveries)

  const whenLoaded = (hmail: Hmail, loaded: () => void, lost: () => void) => {
    if (hmail.todo) return loaded()
    loading.add(hmail)
    const end = (then: () => void) => () => {
      if (loading.delete(hmail)) then()
    }
    hmail.once('ready', end(loaded))
    hmail.once('error', end(lost))
    // All that Haraka does where the file is not there any more.
    hmail.next_cb = end(lost)
  }

  // The ledger read it.
  queues.init_queue = async () => {}
  waiting.add = (filename, milliseconds) => watch.waitsAgain(filename, milliseconds)
  deliveries.push = (hmail) =>
    whenLoaded(
      hmail,
      () => {
        if (watch.arrived(hmail)) push(hmail)
      },
      () => process.stderr.write(`${hmail.filename} was accepted and cannot be read; it is tried again after the next start.\n`),
    )
  const process_ = deliveries._process
  deliveries._process = function () {
    process_.call(this)
    watch.room()
  }

  return {
    room: () => mostDeliveries - deliveries.length() - loading.size,
    deliver: (filename, lost) => {
      const hmail = new HMailItem(filename, join(queueFolder, filename))
      whenLoaded(hmail, () => push(hmail), lost)
    },
  }
}
