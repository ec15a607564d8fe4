// DNS servers as programs write them, in the spelling of the contract.
import { parseDnsServer, printDnsServer, type DnsServerAddress } from '../../preload/contract/dns-server.ts'

/** Hundreds of links have the same few servers, and judging an address takes longer than all else about a link. */
const judged = new Map<string, DnsServerAddress | null>()
const mostJudged = 1000

function judge(text: string): DnsServerAddress | null {
  const known = judged.get(text)
  if (known !== undefined) return known
  const parsed = parseDnsServer(text)
  const address = 'problem' in parsed ? null : parsed
  if (judged.size >= mostJudged) judged.clear()
  judged.set(text, address)
  return address
}

/** What is no address of a DNS server is left out; a link-local one gets the adapter's name as its zone (RFC 4007). */
export function knownDnsServers(texts: string[], adapter?: string): string[] {
  const servers = texts.flatMap((text) => {
    const address = judge(text)
    if (address === null) return []
    if (adapter === undefined || !/^fe[89ab]/i.test(address.address)) return [printDnsServer(address)]
    const zoned = judge(`${address.address.replace(/%.*$/, '')}%${adapter}`)
    return zoned === null ? [] : [printDnsServer({ ...zoned, port: address.port })]
  })
  return [...new Set(servers)]
}
