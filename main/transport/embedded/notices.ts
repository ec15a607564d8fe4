// The notices that the relay sends: when which sender is told what of a message.
import { join } from 'node:path'
import { headersOf } from '../headers.ts'
import { delayText, type Notice, printNotice, removedText, type Told } from '../notice.ts'
import { type Arrival, arrivalOf, type Entry } from './entry.ts'
import type { Haraka, Hmail, Recipient } from './haraka.ts'
import type { Ledger } from './ledger.ts'

import { readQueueFile } from './queue-file.ts'
import type { Settings } from './settings.ts'

export const expiredText = '550 4.4.7 QUEUE.Expired; message expired'

/** Longer than setTimeout can wait. */
const longestTimer = 2 ** 31 - 1

type Content = Omit<Notice, 'to' | 'subject' | 'received' | 'name' | 'headers'>

export class Notices {
  private readonly settings: Settings
  private readonly ledger: Ledger
  private readonly queueFolder: string
  private readonly haraka: Pick<Haraka, 'send'>
  private timer: NodeJS.Timeout | undefined
  private telling: Promise<void> = Promise.resolve()
  private isClosed = false

  constructor({ settings, ledger, queueFolder, haraka }: { settings: Settings; ledger: Ledger; queueFolder: string; haraka: Pick<Haraka, 'send'> }) {
    this.settings = settings
    this.ledger = ledger
    this.queueFolder = queueFolder
    this.haraka = haraka
  }

  /** Tells the senders of messages that wait beyond the limit, once each, and comes back when the next is due. */
  tellDelayed(): void {
    if (this.isClosed) return
    clearTimeout(this.timer)
    const due = this.ledger.delayed()
    // One after the other: a crowd of them must not fill the memory.
    for (const entry of due) this.telling = this.telling.then(() => this.delayed(entry)).catch((error: unknown) => void process.stderr.write(`${String(error)}\n`))
    const next = this.ledger.nextNotice
    if (next !== null) this.timer = setTimeout(() => this.tellDelayed(), Math.min(Math.max(next - Date.now(), 0) + 50, longestTimer))
  }

  async returned(hmail: Hmail, text: string): Promise<void> {
    const recipients = (hmail.todo?.rcpt_to ?? []).map((recipient) => told(recipient, text))
    await this.send(arrivalOf(hmail), { path: hmail.path, dataStart: hmail.data_start }, failed(recipients, text))
  }

  /** Of a message whose queue file lies elsewhere now. */
  async removed(entry: Entry, path: string): Promise<void> {
    const recipients = entry.recipients.map((recipient) => ({ recipient, status: '5.3.2', diagnostic: removedText, remote: null }))
    await this.send(entry, { path, dataStart: readQueueFile(path, entry.filename)?.data_start ?? 0 }, failed(recipients, removedText))
  }

  close(): void {
    this.isClosed = true
    clearTimeout(this.timer)
  }

  private async delayed(entry: Entry): Promise<void> {
    if (entry.isGone || this.isClosed) return
    const path = join(this.queueFolder, entry.filename)
    await this.send(entry, { path, dataStart: readQueueFile(path, entry.filename)?.data_start ?? 0 }, {
      action: 'delayed',
      recipients: entry.recipients.map((recipient) => ({ recipient, status: '4.4.7', diagnostic: delayText, remote: null })),
      lastError: entry.lastError,
      lastAttempt: new Date(entry.lastRetry ?? entry.received),
      tryingUntil: new Date(entry.expires(this.settings.limits.messageExpirationTimeout)),
    })
  }

  /** A notice is never answered by a notice: the null sender is told nothing (RFC 5321 §6.1). */
  private async send({ from, subject, received }: Arrival, file: { path: string; dataStart: number }, notice: Content): Promise<void> {
    if (from === '') return
    const headers = await headersOf(file).catch(() => '')
    const { name } = this.settings
    await this.haraka.send('<>', `<${from}>`, printNotice({ ...notice, to: from, subject, received, name, headers }))
  }
}

const failed = (recipients: Told[], text: string): Content => ({ action: 'failed', recipients, lastError: text, lastAttempt: new Date(), tryingUntil: null })

/** What the destination said of this recipient, or else what ended the message. */
function told({ address, dsn_smtp_code: code, dsn_smtp_extc: enhanced, dsn_smtp_response: response, dsn_remote_mta: remote }: Recipient, text: string): Told {
  const answered = text !== expiredText && code !== undefined
  const diagnostic = answered ? [code, enhanced, response].filter(Boolean).join(' ') : text
  // A failure has class 5, whatever the last delay said (RFC 3463 §2).
  const status = (/\b[245](\.\d{1,3}\.\d{1,3})\b/.exec(diagnostic)?.[1] ?? '.0.0').replace(/^/, '5')
  return { recipient: address, status, diagnostic, remote: answered ? (remote ?? null) : null }
}
