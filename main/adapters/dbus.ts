// Asks the system's message bus some questions at once, in this process and within a limit; whoever does not run is
// not started for that.
import { connect } from 'node:net'
import { callMessage, lengthOf, mostBytes, replyIn, type Call, type Value } from './dbus-message.ts'

/** `late`: it did not answer in time. `null`: it hung up, refused us or was not waited for. */
export type Answer = { values: Value[] } | { error: string } | 'late' | null

/** Where to greet the bus, as every connection must before it asks anything. */
const hello: Call = { destination: 'org.freedesktop.DBus', path: '/org/freedesktop/DBus', interface: 'org.freedesktop.DBus', member: 'Hello', input: [] }

/** A property of an object, as a call. */
export const property = (destination: string, path: string, owner: string, name: string): Call =>
  ({ destination, path, interface: 'org.freedesktop.DBus.Properties', member: 'Get', input: [owner, name] })

/**
 * One answer for each call, in their order. Never throws and never waits longer than `limit` milliseconds: what came
 * until then counts. `socket` is the path of the bus.
 */
export function askBus(socket: string, calls: Call[], limit: number, signal?: AbortSignal): Promise<Answer[]> {
  const answers: Answer[] = calls.map(() => null)
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve(answers)
    const bus = connect(socket)
    let held = Buffer.alloc(0)
    let isKnown = false
    const end = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', end)
      bus.destroy()
      resolve(answers)
    }
    const timer = setTimeout(() => {
      for (const [at, answer] of answers.entries()) answers[at] = answer ?? 'late'
      end()
    }, limit)
    signal?.addEventListener('abort', end)
    const greet = () => {
      // SASL EXTERNAL: the kernel tells the bus who we are, and this must be the same, in hexadecimal digits.
      bus.write(`\0AUTH EXTERNAL ${Buffer.from(String(process.getuid?.() ?? 0)).toString('hex')}\r\n`)
    }
    const ask = (line: string) => {
      if (!line.startsWith('OK ')) return end()
      isKnown = true
      bus.write(Buffer.concat([Buffer.from('BEGIN\r\n'), ...[hello, ...calls].map((call, at) => callMessage(call, at + 1))]))
    }
    const take = (message: Buffer) => {
      const { to, error, body } = replyIn(message)
      if (to === 1 && error !== null) return end()
      if (to > 1 && to <= calls.length + 1) answers[to - 2] = error === null ? { values: body } : { error }
      if (answers.every((answer) => answer !== null)) end()
    }
    bus.on('connect', greet)
    bus.on('error', end)
    bus.on('close', end)
    bus.on('data', (chunk: Buffer) => {
      held = Buffer.concat([held, chunk])
      try {
        if (!isKnown) {
          const line = held.indexOf('\r\n')
          if (line < 0 && held.length > mostBytes) return end()
          if (line < 0) return
          const text = held.toString('latin1', 0, line)
          held = held.subarray(line + 2)
          ask(text)
        }
        for (let length = lengthOf(held); length !== null && length <= held.length; length = lengthOf(held)) {
          take(held.subarray(0, length))
          held = held.subarray(length)
        }
      } catch {
        end()
      }
    })
  })
}
