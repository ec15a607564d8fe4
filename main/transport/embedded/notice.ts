// The delay notice: tells a sender that the message waits (RFC 3464, Action delayed, Status 4.4.7).
import { randomUUID } from 'node:crypto'
import type { Message } from '../../../preload/contract/queues.ts'

/** What Exchange says in the notice and the Queue Viewer shows. */
export const delayText = '400 4.4.7 Message delayed'

export interface NoticeFrom {
  /** The edge server's name, for the Reporting-MTA field and the postmaster's address. */
  name: string
  /** Until when delivery is tried. */
  tryingUntil: Date
  /** The message's own header lines, which the notice gives back. */
  headers: string
}

/** The whole notice as a message with CRLF line ends, from the null sender's postmaster to the message's sender. */
export function delayNotice(message: Message, { name, tryingUntil, headers }: NoticeFrom): string {
  const boundary = `=_${randomUUID()}`
  const recipients = message.recipients.map((recipient) => [
    `Final-Recipient: rfc822;${recipient}`,
    'Action: delayed',
    'Status: 4.4.7',
    `Diagnostic-Code: smtp;${delayText}`,
    `Last-Attempt-Date: ${mailDate(new Date(message.attempts.at(-1)?.at ?? message.received))}`,
    `Will-Retry-Until: ${mailDate(tryingUntil)}`,
  ])
  const lines = [
    `From: Mail Delivery <postmaster@${name}>`,
    `To: <${message.from}>`,
    'Subject: Delivery delayed: ' + oneLine(message.subject),
    `Date: ${mailDate(new Date())}`,
    `Message-ID: <${randomUUID()}@${name}>`,
    'Auto-Submitted: auto-replied',
    'MIME-Version: 1.0',
    `Content-Type: multipart/report; report-type=delivery-status; boundary="${boundary}"`,
    '',
    'This is a delivery status notification in MIME format.',
    '',
    `--${boundary}`,
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
    '',
    delayText,
    '',
    'Your message is not delivered yet to:',
    ...message.recipients.map((recipient) => `  ${recipient}`),
    '',
    `It waits since ${mailDate(new Date(message.received))}. You need not send it again:`,
    `delivery is tried until ${mailDate(tryingUntil)}.`,
    '',
    ...(message.lastError ? ['The last error was:', `  ${oneLine(message.lastError)}`, ''] : []),
    `--${boundary}`,
    'Content-Type: message/delivery-status',
    '',
    `Reporting-MTA: dns;${name}`,
    `Arrival-Date: ${mailDate(new Date(message.received))}`,
    '',
    ...recipients.flatMap((fields) => [...fields, '']),
    `--${boundary}`,
    'Content-Type: text/rfc822-headers',
    '',
    ...headers.split(/\r?\n/).filter((line) => line !== ''),
    '',
    `--${boundary}--`,
    '',
  ]
  return lines.join('\r\n')
}

/** RFC 5322 §3.3. */
const mailDate = (date: Date) => date.toUTCString().replace('GMT', '+0000')

/** What comes from a message must not begin a header of ours. */
const oneLine = (text: string) => text.replace(/[\r\n]+/g, ' ')
