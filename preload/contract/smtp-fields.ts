// What may be typed into a field of the SMTP test: nothing of it can end a line on the wire and begin another command.

/** Control characters, and what some take for a line break (RFC 5321 §4.1.2, §2.3.8). */
const control = /[\p{Cc}\u2028\u2029]/u

/** Why the text cannot be one line on the wire; null where it can. */
export function lineProblem(text: string): string | null {
  if (/^[ -~]*$/.test(text)) return null
  if (/[\r\n\u2028\u2029]/.test(text)) return 'there is a line break in it: only one line can be sent at a time.'
  if (text.includes('\0')) return 'there is a NUL in it, which SMTP does not allow.'
  if (!isWellFormed(text)) return 'there is half a character in it.'
  return null
}

/** Half of a surrogate pair has no bytes. */
const isWellFormed = (text: string) => !/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(text)

const atom = /^[^\s"<>@(),:;\\[\]\p{Cc}]+$/u
const quoted = /^"(?:[^"\\\p{Cc}]|\\[^\p{Cc}])*"$/u
const octets = (text: string) => new TextEncoder().encode(text).length

/** Why the text is no mailbox such as `alice@example.test` (RFC 5321 §4.1.2, RFC 6531 for other letters); null where it is one. */
export function mailboxProblem(text: string): string | null {
  const shown = `“${text.replace(/\p{Cc}/gu, '\ufffd')}”`
  if (text === '') return 'type an address, such as alice@example.test.'
  if (control.test(text)) return lineProblem(text) ?? 'there is a control character in it.'
  const at = text.lastIndexOf('@')
  if (at < 1 || at === text.length - 1) return `${shown} is not a mail address: one has a name, an “@” and a domain, such as alice@example.test.`
  const [local, domain] = [text.slice(0, at), text.slice(at + 1)]
  if (!atom.test(local) && !quoted.test(local)) return `${shown} is not a mail address: what stands before the “@” has a space or a character in it that must be quoted.`
  if (/^\.|\.$|\.\./.test(local) && !quoted.test(local)) return `${shown} is not a mail address: a dot is at the wrong place before the “@”.`
  if (octets(local) > 64) return `${shown} is not a mail address: more than 64 characters stand before the “@”.`
  const why = domainProblem(domain)
  return why === null ? null : `${shown} is not a mail address: ${why}`
}

/** Why the text cannot be said in EHLO: a host name or an address literal such as `[192.0.2.1]`. */
export function heloProblem(text: string): string | null {
  return lineProblem(text) ?? (text === '' ? 'type a host name, such as edge.example.test.' : domainProblem(text))
}

/** Why the text names no host to connect to: a host name or an IP address. */
export function hostProblem(text: string): string | null {
  if (/^[\da-f:.]+(%[^\s%/\]]+)?$/i.test(text) && text.includes(':')) return lineProblem(text)
  return heloProblem(text)
}

function domainProblem(domain: string): string | null {
  if (/^\[[\da-z:.-]+\]$/i.test(domain)) return null
  if (/[^\p{L}\p{M}\p{N}._-]/u.test(domain)) return `“${domain}” has a character in it that no domain has.`
  const labels = domain.replace(/\.$/, '').split('.')
  if (labels.includes('')) return `“${domain}” has nothing between two of its dots.`
  if (labels.some((label) => label.length > 63) || domain.length > 253) return 'its domain is too long.'
  return null
}
