// What a sender is told of a message: that it is delayed, or that it could not be delivered (RFC 3464).
import { randomUUID } from 'node:crypto'

/** What Exchange says in the delay notice and the Queue Viewer shows. */
export const delayText = '400 4.4.7 Message delayed'
/** Exchange's words for a message that an administrator removed. */
export const removedText = '550 4.3.2 QUEUE.Admin; message deleted by administrative action'

export interface Told {
  recipient: string
  /** RFC 3463: `4.4.7`. */
  status: string
  /** What was answered, as an SMTP reply. */
  diagnostic: string
  /** The mail host that answered, where one did. */
  remote: string | null
}

export interface Notice {
  action: 'delayed' | 'failed'
  to: string
  subject: string
  received: Date
  recipients: Told[]
  /** The last attempt's error, in the Queue Viewer's words. */
  lastError: string | null
  lastAttempt: Date
  /** Until when delivery is tried; null where it is not tried any more. */
  tryingUntil: Date | null
  /** The edge server's name, for the Reporting-MTA field and the postmaster's address. */
  name: string
  /** The message's own header lines, which the notice gives back. */
  headers: string
}

/** The whole notice as a message with CRLF line ends. */
export function printNotice(notice: Notice): string {
  const { action, to, subject, received, recipients, lastAttempt, tryingUntil, name, headers } = notice
  const boundary = `=_${randomUUID()}`
  const delayed = action === 'delayed'
  const fields = recipients.map(({ recipient, status, diagnostic, remote }) => [
    `Final-Recipient: rfc822;${recipient}`,
    `Action: ${action}`,
    `Status: ${status}`,
    ...(remote === null ? [] : [`Remote-MTA: dns;${remote}`]),
    `Diagnostic-Code: smtp;${oneLine(diagnostic)}`,
    `Last-Attempt-Date: ${mailDate(lastAttempt)}`,
    ...(tryingUntil === null ? [] : [`Will-Retry-Until: ${mailDate(tryingUntil)}`]),
  ])
  const lines = [
    `From: Mail Delivery <postmaster@${name}>`,
    `To: <${to}>`,
    `Subject: ${encodedWords(`${delayed ? 'Delivery delayed' : 'Undeliverable'}: ${oneLine(subject)}`)}`,
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
    ...(delayed ? delayedText(notice) : failedText(notice)),
    `--${boundary}`,
    'Content-Type: message/delivery-status',
    '',
    `Reporting-MTA: dns;${name}`,
    `Arrival-Date: ${mailDate(received)}`,
    '',
    ...fields.flatMap((lines) => [...lines, '']),
    `--${boundary}`,
    'Content-Type: text/rfc822-headers; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
    '',
    ...headers.split(/\r?\n/).filter((line) => line !== ''),
    '',
    `--${boundary}--`,
    '',
  ]
  return lines.join('\r\n')
}

function delayedText({ recipients, received, tryingUntil, lastError }: Notice): string[] {
  return [
    delayText,
    '',
    'Your message is not delivered yet to:',
    ...recipients.map(({ recipient }) => `  ${recipient}`),
    '',
    `It waits since ${mailDate(received)}. You need not send it again:`,
    ...(tryingUntil ? [`delivery is tried until ${mailDate(tryingUntil)}.`] : []),
    '',
    ...(lastError ? ['The last error was:', `  ${oneLine(lastError)}`, ''] : []),
  ]
}

function failedText({ recipients, subject, name }: Notice): string[] {
  return [
    `This is the mail server at ${name}.`,
    '',
    'Your message could not be delivered, and is not tried again:',
    `  ${oneLine(subject)}`,
    '',
    ...recipients.flatMap(({ recipient, diagnostic }) => [`To ${recipient}:`, `  ${oneLine(diagnostic)}`, '']),
  ]
}

/** RFC 5322 §3.3. */
const mailDate = (date: Date) => date.toUTCString().replace('GMT', '+0000')

/** What comes from a message must not begin a header of ours. */
const oneLine = (text: string) => text.replace(/[\r\n]+/g, ' ')

/** RFC 2047: a header is ASCII; an encoded word is at most 75 characters, and cuts no character in two. */
function encodedWords(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text
  const words: string[] = []
  let bytes = ''
  for (const character of text) {
    if (Buffer.byteLength(bytes + character) > 45) {
      words.push(bytes)
      bytes = ''
    }
    bytes += character
  }
  return [...words, bytes].map((word) => `=?utf-8?B?${Buffer.from(word).toString('base64')}?=`).join('\r\n ')
}
