// The test's message as it goes on the wire: in seven bits, its line ends CR LF, its dots doubled.
export interface Message {
  from: string
  to: string
  helo: string
  subject: string
  body: string
}

/** RFC 5322 §2.1.1 */
const longestLine = 998

export function messageLines({ from, to, helo, subject, body }: Message): string[] {
  const text = bodyLines(body)
  const seven = text.every((line) => line.length <= longestLine && /^[\t\x20-\x7e]*$/.test(line))
  return [
    `From: <${from || `postmaster@${helo}`}>`,
    `To: <${to}>`,
    ...subjectLines(subject),
    `Date: ${new Date().toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: <${crypto.randomUUID()}@${helo.replace(/^\[|\]$/g, '')}>`,
    'MIME-Version: 1.0',
    `Content-Type: text/plain; charset=${seven ? 'us-ascii' : 'utf-8'}`,
    `Content-Transfer-Encoding: ${seven ? '7bit' : 'base64'}`,
    'Auto-Submitted: auto-generated',
    '',
    ...(seven ? text : inBase64(text.join('\r\n'))),
  ]
}

/** RFC 5321 §4.5.2: no line of a message can be taken for its end. */
export const stuffed = (line: string): string => (line.startsWith('.') ? `.${line}` : line)

const bodyLines = (body: string) => body.replace(/\r\n|\r/g, '\n').replace(/\n+$/, '').split('\n')

const inBase64 = (text: string) => Buffer.from(text).toString('base64').match(/.{1,76}/g) ?? []

/** RFC 2047: an encoded word has at most 75 characters, and no character is split between two. */
function subjectLines(text: string): string[] {
  if (/^[\x20-\x7e]*$/.test(text)) return [`Subject: ${text}`]
  const words: string[] = ['']
  for (const character of text) {
    const longer = words.at(-1) + character
    if (Buffer.byteLength(longer) > 42) words.push(character)
    else words[words.length - 1] = longer
  }
  return words.map((word, at) => `${at === 0 ? 'Subject:' : ''} =?utf-8?B?${Buffer.from(word).toString('base64')}?=`)
}
