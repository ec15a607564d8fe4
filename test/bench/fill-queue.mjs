// Fills a home folder's queue with messages that wait, in the form in which Haraka keeps them.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * @param {string} home
 * @param {number} count
 * @param {{domains?: number, attempts?: boolean, received?: number, size?: number, due?: number}} [how] `attempts`: each was tried once
 *   and deferred; `received`: when the first came, in milliseconds since 1970; the others follow a millisecond apart;
 *   `due`: milliseconds between a message's arrival and its next attempt.
 */
export function fillQueue(home, count, { domains = 5, attempts = true, received = Date.now() - 3_600_000, size = 1_000, due = 600_000 } = {}) {
  const queue = join(home, 'relay', 'queue')
  const kept = join(home, 'relay', 'attempts')
  for (const folder of [queue, kept]) mkdirSync(folder, { recursive: true, mode: 0o700 })
  for (let at = 0; at < count; at++) {
    const arrival = received + at
    const tag = tagOf(at)
    const domain = `d${at % domains}.test`
    writeFileSync(join(queue, `${arrival}_${arrival + due}_${attempts ? 1 : 0}_1_${tag}_1_edge`), queueFile({ arrival, domain, at, size }))
    if (!attempts) continue
    const error = at % 3 === 0 ? '441 4.4.1 Error encountered while communicating with primary target IP address: "mail.d0.test [198.51.100.25]:25: connection timed out (ETIMEDOUT)"' : `451 4.4.0 Primary target IP address responded with: "450 4.2.0 Greylisted, try again in ${at % 300} seconds"`
    writeFileSync(join(kept, `${arrival}-${tag}.json`), JSON.stringify({ attempts: [{ at: new Date(arrival + 1_000).toISOString(), stage: at % 3 === 0 ? 'connect' : 'smtp', error }], delayNotice: null }))
  }
}

/** @param {{arrival: number, domain: string, at: number, size: number}} message */
function queueFile({ arrival, domain, at, size }) {
  const sender = { original: `<sender${at}@sender.test>`, user: `sender${at}`, host: 'sender.test', original_host: 'sender.test', is_utf8: false }
  const recipient = { original: `<user${at}@${domain}>`, user: `user${at}`, host: domain, original_host: domain, is_utf8: false }
  const todo = Buffer.from(`\n${JSON.stringify({ queue_time: arrival, domain, rcpt_to: [recipient], mail_from: sender, notes: { edgewise: { subject: `Order ${at}`, source: '127.0.0.1' } }, uuid: `U${at}.1`, force_tls: false }, null, '\t')}\n`)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(todo.length)
  const mail = `From: sender${at}@sender.test\r\nTo: user${at}@${domain}\r\nSubject: Order ${at}\r\n\r\n`
  return Buffer.concat([length, todo, Buffer.from(mail + `${'x'.repeat(Math.max(0, Math.min(70, size - mail.length)))}\r\n`.repeat(Math.max(1, Math.floor((size - mail.length) / 72))))])
}

/** Six letters, as Haraka gives each message. @param {number} at */
function tagOf(at) {
  let tag = ''
  for (let rest = at; tag.length < 6; rest = Math.floor(rest / 26)) tag += String.fromCharCode(65 + (rest % 26))
  return tag
}
