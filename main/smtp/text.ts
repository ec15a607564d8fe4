// Plain text out of what was pasted: a bounce comes quoted-printable, in encoded words, as HTML, with folded fields.

const named: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'", nbsp: ' ' }

export function decoded(pasted: string): string {
  return withoutMarkup(withoutQuoting(japanese(encodedWords(pasted.replace(/\r\n?/g, '\n')))))
    .replace(/[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]/g, '')
    .replace(/[^\P{Cc}\n\t]/gu, ' ')
    .replace(/\u00a0/g, ' ')
}

/** RFC 2047. */
export function encodedWords(text: string): string {
  return text
    .replace(/(=\?[\w-]{1,40}\?[bq]\?[^?\s]{0,500}\?=)[ \t]*\n?[ \t]+(?==\?)/gi, '$1')
    .replace(/=\?([\w-]{1,40})\?([bq])\?([^?\s]{0,500})\?=/gi, (whole, charset: string, way: string, word: string) => {
      const bytes = way.toLowerCase() === 'b' ? Buffer.from(word, 'base64') : quotedBytes(word.replace(/_/g, ' '))
      return inCharset(bytes, charset) ?? whole
    })
}

/** Quoted-printable, told by its soft line breaks or by the escapes that every such text has. */
function withoutQuoting(text: string): string {
  if (!/=\n|=(?:3D|20|0A|E2=80|C3=)/.test(text)) return text
  // An escape alone may be meant as it stands, as in a URL's “?ip=20”: only those of a quoted text are taken.
  const joined = text.replace(/=\n/g, '')
  if (!/=3D|=E2=80|=C3=|=20\n/.test(text)) return joined
  return joined.replace(/(?:=[0-9A-F]{2}){1,2000}/g, (escaped) => quotedBytes(escaped).toString('utf8'))
}

function quotedBytes(text: string): Buffer {
  return Buffer.from(text.replace(/=([0-9a-f]{2})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16))), 'latin1')
}

function inCharset(bytes: Buffer, charset: string): string | null {
  try {
    return new TextDecoder(charset).decode(bytes)
  } catch {
    return null
  }
}

/** ISO-2022-JP whose escape characters were lost on the way, as they are in most logs. */
function japanese(text: string): string {
  return text.replace(/\p{Cc}?\$[B@]((?:[!-~]{2}){1,100}?)\p{Cc}?\([BJ]/gu, (whole, characters: string) => inCharset(Buffer.from(`\u001b$B${characters}\u001b(B`, 'latin1'), 'iso-2022-jp') ?? whole)
}

function withoutMarkup(text: string): string {
  return text
    .replace(/<\/?(?:a|b|br|body|center|code|div|em|font|h[1-6]|head|hr|html|i|img|li|meta|ol|p|pre|small|span|strong|style|table|tbody|td|th|title|tr|u|ul)(?:\s[^<>]{0,2000})?\/?>/gi, ' ')
    .replace(/&(?:#(\d{1,6})|#x([0-9a-f]{1,5})|(lt|gt|amp|quot|apos|nbsp));/gi, (_, decimal?: string, hexadecimal?: string, name?: string) =>
      name === undefined ? character(Number.parseInt(decimal ?? hexadecimal ?? '', decimal === undefined ? 16 : 10)) : (named[name.toLowerCase()] ?? ' '),
    )
}

const character = (point: number): string => (point > 0 && point < 0x11_0000 && (point < 0xd800 || point > 0xdfff) ? String.fromCodePoint(point) : ' ')

/** Letters that are not a plain one with an accent. */
const plainLetters: Record<string, string> = { ł: 'l', ø: 'o', ß: 'ss', ı: 'i', đ: 'd', æ: 'ae', œ: 'oe' }

/**
 * The form in which phrases are looked for: lower case, Latin letters without accents, one space between words.
 * Addresses become `addr@` and host names in brackets stay, so that nobody's name is taken for a reason.
 */
export function comparable(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/(\p{Script=Latin})\p{M}+/gu, '$1')
    .normalize('NFC')
    .toLowerCase()
    .replace(/[łøßıđæœ]/g, (letter) => plainLetters[letter] ?? letter)
    .replace(/[‘’‚‛`´ʼ]/g, "'")
    .replace(/[“”„«»]/g, '"')
    .replace(/[‐‑‒–—]/g, '-')
    .replace(/[^\s<>()[\]"',;:=]{1,100}@[^\s<>()[\]"',;:]{1,200}/g, 'addr@')
    .replace(/(?<=[a-z])_(?=[a-z])/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
}
