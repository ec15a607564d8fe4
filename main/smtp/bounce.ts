// A bounce as a whole mail (RFC 5322, 2045, 3462): what its parts say of the failure, decoded. The returned message is left
// out, for its words are nobody's reason.

/** Parts within parts; a gateway wraps a report once more, at most. */
const deepest = 6
const mostParts = 40

interface Entity {
  fields: Map<string, string>
  body: string
}

/** The text itself where it is no mail. Line ends are LF. */
export function spokenIn(text: string): string {
  const entity = entityOf(text)
  if (entity === null) return withBase64(text)
  const said = spoken(entity, deepest).join('\n\n').trim()
  return said === '' ? text : said
}

const field = /^[A-Za-z][\w-]{1,60}:(?:[ \t]|$)/
const ofMail = /^>?(?:Return-Path|Received|Delivered-To|Message-ID|Date|From|To|Subject|MIME-Version|Content-Type|Content-Transfer-Encoding):/im

/** Two fields and an empty line at least: a reply may begin with a word and a colon as well. */
function entityOf(text: string): Entity | null {
  const trimmed = text.replace(/^\s*(?:>?From [^\n]{1,200}\n)?/, '')
  const boundary = /^--(\S[^\n]{0,200})\n(?=Content-)/i.exec(trimmed)?.[1]
  if (boundary !== undefined) return { fields: new Map([['content-type', `multipart/mixed; boundary="${boundary.trim()}"`]]), body: trimmed }
  const end = trimmed.search(/\n[ \t]*\n/)
  if (end < 0 || !ofMail.test(trimmed.slice(0, end))) return null
  const lines = trimmed.slice(0, end).split('\n')
  if (lines.length < 2 || !lines.every((line) => field.test(line) || /^[ \t]/.test(line) || /^>?[\w-]{1,60}:/.test(line))) return null
  return { fields: fieldsOf(lines), body: trimmed.slice(end).replace(/^\n[ \t]*\n/, '') }
}

function fieldsOf(lines: string[]): Map<string, string> {
  const fields = new Map<string, string>()
  for (const line of lines.join('\n').replace(/\n[ \t]+/g, ' ').split('\n')) {
    const colon = line.indexOf(':')
    fields.set(line.slice(0, colon).replace(/^>/, '').toLowerCase(), line.slice(colon + 1).trim())
  }
  return fields
}

function spoken({ fields, body }: Entity, depth: number): string[] {
  const type = (fields.get('content-type') ?? 'text/plain').toLowerCase()
  if (depth === 0) return []
  if (type.startsWith('multipart/')) {
    const parts = partsOf(body, parameter(fields.get('content-type') ?? '', 'boundary'))
    const said = parts.filter((part) => !typeOf(part).startsWith('message/rfc822')).flatMap((part) => spoken(part, depth - 1))
    // A gateway that passes on a report as an attachment says nothing itself.
    return said.some(saysSomething) && (said.some((text) => /\b[45](?:\d\d|\.\d{1,3}\.\d{1,3})\b/.test(text)) || !parts.some(({ body: attached }) => isReport(entityOf(attached)))) ? said : [...said, ...parts.filter((part) => typeOf(part).startsWith('message/rfc822')).flatMap((part) => nested(part, depth - 1))]
  }
  if (type.startsWith('message/delivery-status') || type.startsWith('message/global-delivery-status')) return [body]
  if (/^(?:message|application|image|audio|video)\/|^text\/rfc822-headers/.test(type)) return []
  const content = withoutReturned(contentOf(fields, body))
  // Some lists drop the field that tells of the parts, and leave the parts.
  const undeclared = /^[^]{0,600}?(?:^|\n)--(\S[^\n]{0,200})\nContent-/i.exec(content)?.[1]
  return undeclared === undefined || type.startsWith('text/html') ? [content] : spoken({ fields: new Map([['content-type', `multipart/mixed; boundary="${undeclared.trim()}"`]]), body }, depth - 1)
}

const typeOf = ({ fields }: Entity): string => (fields.get('content-type') ?? '').toLowerCase()

const saysSomething = (text: string): boolean => !/^\s*(?:Portions of this message[^\n]*)?\s*$/i.test(text)

function nested({ body }: Entity, depth: number): string[] {
  const inner = entityOf(body)
  return inner !== null && isReport(inner) ? spoken(inner, depth) : []
}

const isReport = (entity: Entity | null): boolean => entity !== null && /report-type|deliver(?!ed-to)|daemon|undeliver|postmaster/i.test(['subject', 'from', 'content-type'].map((name) => entity.fields.get(name) ?? '').join(' '))

function partsOf(body: string, boundary: string | null): Entity[] {
  if (boundary === null) return []
  return `\n${body}`
    .split(`\n--${boundary}`)
    .slice(1, mostParts)
    .filter((part) => !part.startsWith('--'))
    .map((part) => {
      const content = part.replace(/^[ \t]*\n/, '')
      if (content.startsWith('\n')) return { fields: new Map<string, string>(), body: content }
      const end = content.search(/\n[ \t]*\n/)
      if (end < 0) return { fields: new Map<string, string>(), body: content }
      return { fields: fieldsOf(content.slice(0, end).split('\n')), body: content.slice(end).replace(/^\n[ \t]*\n/, '') }
    })
}

function parameter(value: string, name: string): string | null {
  const match = new RegExp(`;\\s*${name}\\s*=\\s*(?:"([^"]{1,200})"|([^\\s;]{1,200}))`, 'i').exec(value)
  return match?.[1] ?? match?.[2] ?? null
}

function contentOf(fields: Map<string, string>, body: string): string {
  const charset = parameter(fields.get('content-type') ?? '', 'charset')
  switch ((fields.get('content-transfer-encoding') ?? '').toLowerCase().trim()) {
    case 'base64':
      return inCharset(Buffer.from(body, 'base64'), charset)
    case 'quoted-printable':
      return inCharset(Buffer.from(body.replace(/[ \t]*=\n/g, '').replace(/(?:=[0-9a-f]{2}){1,2000}|[^\0-\u007f]{1,2000}/gi, (bytes) => (bytes.startsWith('=') ? bytes.replace(/=([0-9a-f]{2})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16))) : Buffer.from(bytes, 'utf8').toString('latin1'))), 'latin1'), charset)
    default:
      return body
  }
}

/** UTF-8 where nothing or nonsense is named; a text that is none is taken for Latin-1, as most such mails are. */
function inCharset(bytes: Buffer, charset: string | null): string {
  for (const name of [charset ?? 'utf-8', 'utf-8']) {
    try {
      return new TextDecoder(name, { fatal: true }).decode(bytes).replace(/\r\n?/g, '\n')
    } catch {
      continue
    }
  }
  return bytes.toString('latin1').replace(/\r\n?/g, '\n')
}

const separator = /\n[ \t>]*(?:[-_=*|]{2,}[^\n]{0,60}|[^\n]{0,40}\b)(?:original|old|returned|unsent|undelivered|enclosed|source) (?:message|mail)\b[^\n]{0,60}\n|\n[- _=*|]{2,}[^\n]{0,40}(?:copy of|below this line|message header|message text|message follows)[^\n]{0,60}\n|\n>?(?:Received|Return-Path): /i

/** Its header, as the report repeats it. */
const echoed = /^[ \t>]*(?:Subject|To|Cc|From|Sent|Date|Message-ID):[ \t][^\n]{0,1000}(?:\n[ \t]{2,}[^\s:][^\n:]{0,300}$){0,3}/gim

/** Up to the returned message, if something stands before it. */
function withoutReturned(body: string): string {
  const at = `\n${body}`.search(separator)
  return (at > 20 ? body.slice(0, at) : body).replace(echoed, '')
}

/** A part that was pasted without the mail around it, or nothing but its body. */
function withBase64(text: string): string {
  const decodedPart = text.replace(/(Content-Transfer-Encoding:[ \t]*base64[^\n]{0,100}(?:\n[\w-]{1,60}:[^\n]{0,500}|\n[ \t][^\n]{0,500}){0,10}\n[ \t]*\n)([A-Za-z0-9+/=\n]{8,200000})/gi, (_, head: string, body: string) => `${head}${inCharset(Buffer.from(body, 'base64'), parameter(head, 'charset'))}`)
  if (decodedPart !== text || !/^[A-Za-z0-9+/\n]{40,200000}={0,2}\s*$/.test(text)) return decodedPart
  const read = inCharset(Buffer.from(text, 'base64'), null)
  return /\p{Cc}(?<![\n\t\r])|\ufffd/u.test(read) ? text : read
}
