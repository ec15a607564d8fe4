// Where a queue file lies: some of Postfix's queues are split into folders by the first characters of the id.
import { join } from 'node:path'
import type { Instance } from './instance.ts'

/** Without vowels, so that no id is a word (mail_queue.h, “safe” base 52). */
const digits = '0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz'
/** Of a long id: six characters of seconds and four of microseconds before the `z` that ends them. */
const secondsLength = 6
const microsecondsLength = 4

export function queueFile({ queueDir, values }: Pick<Instance, 'queueDir' | 'values'>, queue: string, id: string): string {
  const hashed = (values.get('hash_queue_names') ?? 'deferred, defer').split(/[\s,]+/)
  if (!hashed.includes(queue)) return join(queueDir, queue, id)
  const depth = Number(values.get('hash_queue_depth') ?? 1)
  const letters = hashedBy(id)
  return join(queueDir, queue, ...Array.from({ length: depth }, (_, at) => letters[at] ?? '_'), id)
}

/** Whether the id names a time alone and not the file's place on the disk: then it can be kept in another file. */
export const isLongId = (id: string): boolean => id.lastIndexOf('z') >= secondsLength + microsecondsLength

function hashedBy(id: string): string {
  if (!isLongId(id)) return id
  const end = id.lastIndexOf('z')
  let microseconds = 0
  for (const letter of id.slice(end - microsecondsLength, end)) microseconds = microseconds * digits.length + digits.indexOf(letter)
  return microseconds.toString(16).toUpperCase().padStart(5, '0')
}
