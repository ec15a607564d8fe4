// DNS servers as programs write them, in the spelling of the contract.
import { parseDnsServer, printDnsServer } from '../../preload/contract/dns.ts'

/** What is no address of a DNS server is left out; a link-local one gets the adapter's name as its zone (RFC 4007). */
export function knownDnsServers(texts: string[], adapter?: string): string[] {
  const servers = texts.flatMap((text) => {
    const parsed = parseDnsServer(text)
    if ('problem' in parsed) return []
    if (adapter === undefined || !/^fe[89ab]/i.test(parsed.address)) return [printDnsServer(parsed)]
    const zoned = `${parsed.address.replace(/%.*$/, '')}%${adapter}`
    return 'problem' in parseDnsServer(zoned) ? [] : [printDnsServer({ address: zoned, port: parsed.port })]
  })
  return [...new Set(servers)]
}
