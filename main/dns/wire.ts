// How a question gets to a DNS server and back: one socket for each, over UDP or TCP, with a limit.
import { createSocket } from 'node:dgram'
import { isIPv6, Socket } from 'node:net'
import type { DnsServerAddress } from '../../preload/contract/dns.ts'
import { readReply, type Asked, type Reply } from './packet.ts'

export interface Wait {
  /** Where the socket leads. */
  at: DnsServerAddress
  /** The port as the administrator knows it, for the text. */
  port: number
  asked: Asked
  /** Milliseconds that are left, and that there were in all. */
  left: number
  timeout: number
  signal: AbortSignal | undefined
}

export interface Silence {
  kind: 'none'
  reason: 'silent' | 'refused' | 'unreachable' | 'garbage' | 'cancelled'
  text: string
}
export type Heard = ({ kind: 'reply' } & Reply) | Silence

/** More messages than this for another question on one connection are no slip any more. */
const mostForeign = 32

const none = (reason: Silence['reason'], text: string): Silence => ({ kind: 'none', reason, text })

/** The end of a wait: the first of answer, deadline, fault and cancel. `close` is called once, whichever it is. */
function ending(wait: Wait, close: () => void, end: (heard: Heard) => void) {
  let heardOf: 'nothing' | 'foreign' | 'garbage' | 'part' = 'nothing'
  let over = false
  const finish = (heard: Heard) => {
    if (over) return
    over = true
    clearTimeout(deadline)
    wait.signal?.removeEventListener('abort', cancel)
    close()
    end(heard)
  }
  const within = `within ${wait.timeout / 1000} s`
  const silence = () => {
    if (heardOf === 'garbage') return none('garbage', `answered only what cannot be read ${within}`)
    if (heardOf === 'foreign') return none('garbage', `sent only what does not answer the question ${within}`)
    return none('silent', heardOf === 'part' ? `began to answer and did not end ${within}` : `did not answer ${within}`)
  }
  const cancel = () => finish(none('cancelled', 'was not waited for any longer'))
  const deadline = setTimeout(() => finish(silence()), wait.left)
  wait.signal?.addEventListener('abort', cancel)
  if (wait.signal?.aborted) cancel()
  return {
    finish,
    get over() {
      return over
    },
    /** Some bytes came, and no packet yet. */
    began() {
      if (heardOf === 'nothing') heardOf = 'part'
    },
    /** True when the packet was the answer. */
    heard(bytes: Buffer): boolean {
      const reply = readReply(bytes, wait.asked)
      if (typeof reply === 'string') {
        heardOf = reply === 'garbage' || heardOf === 'garbage' ? 'garbage' : 'foreign'
        return false
      }
      finish({ kind: 'reply', ...reply })
      return true
    },
    fault(error: NodeJS.ErrnoException, over: 'UDP' | 'TCP') {
      if (error.code === 'ECONNREFUSED') finish(none('refused', `refuses ${over} port ${wait.port}: no DNS server listens there`))
      else if (error.code === 'ECONNRESET' || error.code === 'EPIPE') finish(none('refused', 'broke off the connection'))
      else if (error.code === 'ETIMEDOUT') finish(none('silent', 'did not answer'))
      else finish(none('unreachable', `cannot be reached (${error.code ?? error.message})`))
    },
  }
}

export function overUdp(wait: Wait): Promise<Heard> {
  return new Promise((resolve) => {
    // connect() makes the kernel drop what others send, and tell what ICMP says of this server.
    const socket = createSocket(isIPv6(wait.at.address) ? 'udp6' : 'udp4')
    let again: NodeJS.Timeout | undefined
    const end = ending(wait, () => {
      clearTimeout(again)
      socket.close()
    }, resolve)
    const fault = (error: Error | null | undefined) => {
      if (error) end.fault(error, 'UDP')
    }
    const send = () => socket.send(wait.asked.bytes, fault)
    socket.on('error', fault)
    socket.on('message', (bytes) => end.heard(bytes))
    if (end.over) return
    try {
      socket.connect(wait.at.port, wait.at.address, (error?: Error) => {
        if (error) return fault(error)
        if (end.over) return
        send()
        again = setTimeout(send, wait.left / 2)
      })
    } catch (error) {
      fault(error instanceof Error ? error : new Error(String(error)))
    }
  })
}

export function overTcp(wait: Wait): Promise<Heard> {
  return new Promise((resolve) => {
    const socket = new Socket()
    const end = ending(wait, () => socket.destroy(), resolve)
    let chunks: Buffer[] = []
    let held = 0
    let foreign = 0
    socket.on('error', (error) => end.fault(error, 'TCP'))
    if (end.over) return
    socket.on('connect', () => {
      const length = Buffer.alloc(2)
      length.writeUInt16BE(wait.asked.bytes.length)
      // Length and question in one segment, which some servers insist on (RFC 7766 §8).
      socket.write(Buffer.concat([length, wait.asked.bytes]))
    })
    // Chunks are joined only when a message is whole: joining at each of 64 K single bytes would cost its square.
    let wanted = 2
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      held += chunk.length
      end.began()
      while (held >= wanted && !end.over) {
        let bytes = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, held)
        const length = bytes.readUInt16BE(0)
        wanted = length + 2
        if (held >= wanted) {
          if (end.heard(bytes.subarray(2, wanted))) return
          foreign += 1
          if (foreign > mostForeign) return end.finish(none('garbage', 'answers other questions than were asked'))
          bytes = bytes.subarray(wanted)
          held = bytes.length
          wanted = 2
        }
        chunks = [bytes]
      }
    })
    socket.on('close', () =>
      end.finish(
        held > 0 || foreign > 0
          ? none('garbage', 'answered only what cannot be read and closed the connection')
          : none('refused', 'closed the connection without an answer'),
      ),
    )
    try {
      socket.connect({ host: wait.at.address, port: wait.at.port, noDelay: true })
    } catch (error) {
      end.fault(error instanceof Error ? error : new Error(String(error)), 'TCP')
    }
  })
}
