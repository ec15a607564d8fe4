// Names that providers give to the addresses of their customers, which many mail servers refuse.
import { isIP } from 'node:net'

const pools = /(^|[.\d-])(dyn|dynamic|dsl|adsl|vdsl|xdsl|pool|dhcp|cable|dialup|dial-?in|ppp|pppoe|broadband|customer|cust|client|res)([.\d-]|$)/i

/** The name holds the address’s own numbers, or says that it is one of a pool. A name for mail is nobody’s pool. */
export function isGeneric(name: string, address: string): boolean {
  const host = name.toLowerCase()
  if (/^(mail|mx|smtp|relay|edge|out|mta)\d*[.-]/.test(host)) return false
  if (pools.test(host.split('.').slice(0, -2).join('.'))) return true
  if (isIP(address) !== 4) return false
  const octets = address.split('.')
  const numbers = host.match(/\d+/g) ?? []
  const padded = octets.map((octet) => octet.padStart(3, '0')).join('')
  return host.includes(padded) || octets.filter((octet) => numbers.some((number) => Number(number) === Number(octet))).length >= 3
}
