// What an enhanced code means by itself (RFC 3463, 5248, 7372, 7505, IANA's registry, and who bends it). The weakest
// evidence but one: asked only where provider codes and phrases are silent.
import type { Known } from './phrase.ts'

const bySubjectAndDetail: Record<string, Known> = {
  '1.1': 'recipient-unknown',
  '1.2': 'domain-invalid',
  '1.3': 'recipient-unknown',
  '1.6': 'recipient-unknown',
  '1.7': 'sender-dns',
  '1.8': 'sender-dns',
  '1.10': 'domain-invalid',
  '2.1': 'recipient-unknown',
  '2.2': 'mailbox-full',
  '2.3': 'too-large',
  '3.1': 'server-busy',
  '3.2': 'server-busy',
  '3.4': 'too-large',
  '4.1': 'connect-failed',
  '4.2': 'connect-failed',
  '4.3': 'dns-failure',
  '4.4': 'domain-invalid',
  '4.5': 'server-busy',
  '4.6': 'protocol-error',
  '4.7': 'expired',
  '4.14': 'protocol-error',
  '4.310': 'domain-invalid',
  '4.312': 'dns-failure',
  '4.314': 'connect-failed',
  '4.315': 'connect-failed',
  '4.316': 'connect-failed',
  '4.317': 'connect-failed',
  '4.318': 'connect-failed',
  '4.300': 'expired',
  '5.1': 'protocol-error',
  '5.2': 'protocol-error',
  '5.3': 'rate-limited',
  '5.4': 'protocol-error',
  '5.5': 'protocol-error',
  '5.6': 'protocol-error',
  '6.0': 'protocol-error',
  '6.1': 'protocol-error',
  '6.2': 'protocol-error',
  '6.3': 'protocol-error',
  '6.5': 'protocol-error',
  '6.6': 'protocol-error',
  '6.7': 'protocol-error',
  '6.8': 'protocol-error',
  '6.9': 'protocol-error',
  '7.4': 'tls',
  '7.5': 'tls',
  '7.10': 'tls',
  '7.11': 'tls',
  '7.20': 'auth-policy',
  '7.21': 'auth-policy',
  '7.22': 'auth-policy',
  '7.23': 'auth-policy',
  '7.24': 'auth-policy',
  '7.25': 'sender-ptr',
  '7.26': 'auth-policy',
  '7.27': 'sender-dns',
  '7.28': 'rate-limited',
  '7.29': 'auth-policy',
  '7.30': 'tls',
  '7.321': 'tls',
  '7.322': 'tls',
  '7.323': 'tls',
  '7.324': 'tls',
  '7.325': 'tls',
}

/** Null where the code says nothing by itself, as X.7.1 does, or where only its text could tell. */
export function enhancedCategory(enhanced: string | null): Known | null {
  if (enhanced === null) return null
  const [type, subject, detail] = enhanced.split('.')
  const code = `${subject}.${detail}`
  // A mailbox that takes no mail for now is Gmail's way to limit a rate, and Exchange's for much else.
  if (code === '2.1' && type === '4') return null
  if (code === '4.4' && type === '4') return null
  // A server that refuses has answered.
  if (code === '4.1' && type === '5') return null
  return bySubjectAndDetail[code] ?? null
}

/** Those that nobody is known to use for something else; X.1.1, X.7.0 and X.7.1 are not among them. */
const telling = new Set(['1.7', '1.8', '1.10', '2.2', '3.4', '7.4', '7.5', '7.10', '7.11', '7.20', '7.21', '7.22', '7.23', '7.24', '7.25', '7.26'])

export function tellingCategory(enhanced: string | null): Known | null {
  return enhanced !== null && telling.has(enhanced.slice(2)) ? enhancedCategory(enhanced) : null
}

/** What the basic code alone says, where it says anything (RFC 5321 §4.2.3, RFC 7504). */
export function basicCategory({ code, enhanced }: { code: string | null; enhanced: string | null }): Known | null {
  // An enhanced code of security says that it was no question of syntax.
  if (enhanced?.[2] === '7' && code?.[1] === '0') return null
  switch (code) {
    case '500':
    case '502':
    case '503':
    case '504':
      return 'protocol-error'
    case '521':
    case '556':
      return 'domain-invalid'
    case '530':
    case '534':
    case '535':
      return 'policy-other'
    default:
      return null
  }
}
