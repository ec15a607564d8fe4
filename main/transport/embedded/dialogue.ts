// What Haraka's dialogue with a destination lacks: patience that fits each command, the next host where one refuses
// before it has heard of any mail, and mail that is kept where the other side merely stammers.
import type { Socket } from 'node:net'
import type { Hmail, Watch } from './haraka.ts'

/** What is said last, to whom; `connect` until anything is. */
interface Said {
  verb: string
  host: string
}

const said = new WeakMap<Hmail, Said>()

/**
 * Milliseconds for the answer to a line, or to the connection where none was said yet (RFC 5321 §4.5.3.2): a host that
 * has the whole message may take ten minutes to store it, and to give up then is to send it twice. In a world where
 * nobody is slow, `patience` in seconds bounds all of them.
 */
export function replyLimit(line: string | null, patience: number | null): number {
  if (patience !== null) return patience * 1000
  return (line === '.\r\n' ? 10 : 5) * 60_000
}

/** Haraka bounds every answer by the time that it gives a connection. */
export function followDialogue(hmail: Hmail, patience: number | null): void {
  const onSocket = hmail.try_deliver_host_on_socket
  hmail.try_deliver_host_on_socket = function (mx, host, port, socket) {
    onSocket.call(this, mx, host, port, socket)
    said.set(this, { verb: 'connect', host })
    socket.setTimeout(replyLimit(null, patience))
    const write = socket.write
    socket.write = ((...args: Parameters<Socket['write']>) => {
      const [line] = args
      if (typeof line === 'string') {
        const verb = /^[A-Z]{4,8}(?=[ \r])/.exec(line)?.[0]
        // Haraka says goodbye before it says what went wrong.
        if (verb !== undefined && verb !== 'QUIT') said.set(this, { verb, host })
        socket.setTimeout(replyLimit(line, patience))
      }
      return write.apply(socket, args)
    }) as typeof write
  }
}

/** Haraka’s words where a host answered. */
const upstream = /^(?:Upstream error: |Unrecognized response from upstream server: )?(.*)$/s

/**
 * RFC 5321 §5.1: each host of the list is tried until one takes the mail. One that refuses in its greeting or when it
 * is greeted has said so of itself, and so has one that closes down (421, §3.8) before it heard of a recipient; Haraka
 * takes the word of the first for all.
 */
export function tryOtherHosts(hmail: Hmail, watch: Watch): void {
  const goesOn = (one: Hmail, error: string): boolean => {
    const verb = said.get(one)?.verb ?? ''
    const reply = upstream.exec(error)?.[1] ?? error
    const isOfHost = ['connect', 'EHLO', 'HELO'].includes(verb) || (verb === 'MAIL' && reply.startsWith('421'))
    if (!isOfHost || one.mxlist.length === 0) return false
    watch.hostRefused(one, reply)
    void one.try_deliver()
    return true
  }
  const { temp_fail: tempFail, bounce } = hmail
  hmail.temp_fail = function (error, extra) {
    if (!goesOn(this, error)) tempFail.call(this, error, extra)
  }
  hmail.bounce = function (error, extra) {
    if (!goesOn(this, error)) bounce.call(this, error, extra)
  }
}

interface OutboundTls {
  /** `no_tls_hosts` of tls.ini; what is added here lasts as long as the process. */
  cfg?: { no_tls_hosts?: string[] }
}

/**
 * Haraka returns mail to its sender where the other side merely stammers: a greeting that is no SMTP, or a refusal of
 * the STARTTLS that it offered itself. Both are tried again, the second without TLS, which is a courtesy here.
 */
export function deferTransient(hmail: Hmail, tls: OutboundTls): void {
  const bounce = hmail.bounce
  hmail.bounce = function (error, extra) {
    const last = said.get(this)
    const stammers = error.startsWith('Unrecognized response')
    const refusesTls = last?.verb === 'STARTTLS'
    if (refusesTls && tls.cfg) tls.cfg.no_tls_hosts = [...(tls.cfg.no_tls_hosts ?? []), last.host]
    if (refusesTls || stammers) return this.temp_fail(error, extra)
    bounce.call(this, error, extra)
  }
}
