// Names made of an address: of its PTR record, and of a question to a blocklist.
import { isIP } from 'node:net'

/** `2.0.0.127` for 127.0.0.2; of IPv6 its 32 digits, each a label (RFC 5782 §2.4). */
export function reversed(address: string): string {
  if (isIP(address) === 4) return address.split('.').reverse().join('.')
  return [...digitsOf(address)].reverse().join('.')
}

export const reverseName = (address: string): string => `${reversed(address)}.${isIP(address) === 4 ? 'in-addr' : 'ip6'}.arpa`

function digitsOf(address: string): string {
  // The URL parser spells every form of an address in the same way, without an IPv4 tail.
  const spelled = new URL(`http://[${address.replace(/%.*$/, '')}]`).hostname.slice(1, -1)
  const [before = '', after] = spelled.split('::')
  const groups = (part: string) => (part === '' ? [] : part.split(':'))
  const [head, tail] = [groups(before), groups(after ?? '')]
  const all = after === undefined ? head : [...head, ...Array.from({ length: 8 - head.length - tail.length }, () => '0'), ...tail]
  return all.map((group) => group.padStart(4, '0')).join('')
}
