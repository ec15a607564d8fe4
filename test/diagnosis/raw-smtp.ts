// A mail host as raw as the wire: it answers each command as a test says, and keeps what it was sent.
import { createServer, type Socket } from 'node:net'
import { once } from 'node:events'

export interface RawHost {
  port: number
  /** Every line that was sent, of all connections, in the order in which it came. */
  heard: string[]
  close(): Promise<void>
}

/** Command in capitals → reply; `banner` greets. Null is silence, `reset` cuts the connection. */
export type Script = Record<string, string | null | 'reset'>

export const usual: Script = { banner: '220 mail.example.test ESMTP', EHLO: '250-mail.example.test\r\n250 PIPELINING', MAIL: '250 2.1.0 Ok', RCPT: '250 2.1.5 Ok', QUIT: '221 2.0.0 Bye' }

/** `delay` in milliseconds, before each reply. */
export async function rawHost(script: Script = {}, delay = 0): Promise<RawHost> {
  const says = { ...usual, ...script }
  const heard: string[] = []
  const open = new Set<Socket>()
  const timers = new Set<NodeJS.Timeout>()
  const server = createServer((socket) => {
    open.add(socket)
    socket.on('error', () => {}).on('close', () => open.delete(socket))
    const say = (what: string) => {
      const reply = says[what] === undefined ? '502 5.5.2 What?' : says[what]
      if (reply === null) return
      const timer = setTimeout(() => {
        timers.delete(timer)
        if (reply === 'reset') socket.resetAndDestroy()
        else socket.write(`${reply}\r\n`)
      }, delay)
      timers.add(timer)
    }
    say('banner')
    let held = ''
    socket.on('data', (chunk) => {
      held += chunk.toString()
      for (let end = held.indexOf('\r\n'); end >= 0; end = held.indexOf('\r\n')) {
        const line = held.slice(0, end)
        held = held.slice(end + 2)
        heard.push(line)
        say(line.split(/[ :]/)[0]?.toUpperCase() ?? '')
      }
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const at = server.address()
  if (at === null || typeof at === 'string') throw new Error('no port')
  return {
    port: at.port,
    heard,
    async close() {
      for (const timer of timers) clearTimeout(timer)
      for (const socket of open) socket.destroy()
      await new Promise<void>((done) => server.close(() => done()))
    },
  }
}
