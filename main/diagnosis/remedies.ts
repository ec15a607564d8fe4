// What can be done about a cause, by who can do it: a guarded change or a deed of this edge, or a text for somebody else.
import type { Remedy } from '../../preload/contract/diagnosis.ts'
import type { Wanted } from '../../preload/contract/changes.ts'
import type { DnsLookups, LookupSide, LookupSource } from '../../preload/contract/dns.ts'
import type { Circumstances } from './finding.ts'

/** The side that Internet mail asks: as in Exchange the internal one, unless the send connector says otherwise. */
export function internetSide({ useExternalForInternet }: DnsLookups): LookupSide {
  return useExternalForInternet ? 'external' : 'internal'
}

const plain = { wanted: null, deed: null, until: null }

const asking = (source: LookupSource, side: LookupSide, { lookups }: Circumstances): Wanted => ({ lookups: { [side]: { ...lookups[side], source } } })

/** By its name, as the administrator knows it; by its id where another adapter has the same name. */
export function useAdapter({ id, name }: { id: string; name: string }, hasNamesake: boolean, side: LookupSide, known: Circumstances): Remedy {
  return {
    ...plain, name: `use-adapter:${hasNamesake ? id : name}`, who: 'this edge', title: `Ask the DNS servers of “${name}”`,
    text: `The DNS servers of the adapter “${name}” answer right. Choose it for the ${side} DNS lookups, and restart the transport service.`, wanted: asking({ kind: 'adapter', id, name }, side, known),
  }
}

export function useServers(servers: string[], side: LookupSide, known: Circumstances): Remedy {
  return {
    ...plain, name: `use-servers:${servers.join(',')}`, who: 'this edge', title: `Ask ${servers.join(', ')}`,
    text: `${servers.join(', ')} answer${servers.length === 1 ? 's' : ''} right. List ${servers.length === 1 ? 'it' : 'them'} for the ${side} DNS lookups, and restart the transport service.`, wanted: asking({ kind: 'servers', servers }, side, known),
  }
}

export function editHosts(line: number, text: string, { hostsHash }: Circumstances): Remedy {
  const wanted: Wanted | null = hostsHash === null ? null : { hosts: { hash: hostsHash, edit: { kind: 'disable', lines: [line] }, evenReadOnly: false } }
  return { ...plain, name: `edit-hosts:${line}`, who: 'this edge', title: `Disable line ${line} of the hosts file`, text, wanted }
}

export const retry = (why: string): Remedy => ({ ...plain, name: 'retry', who: 'this edge', title: 'Try again now', text: why, deed: 'retry' })
export const resume: Remedy = { ...plain, name: 'resume', who: 'this edge', title: 'Resume what is suspended', text: 'What is suspended is not tried until it is resumed.', deed: 'resume' }
export const startService: Remedy = { ...plain, name: 'start-service', who: 'this edge', title: 'Start the transport service', text: 'No mail moves as long as it does not run.', deed: 'start-service' }
export const freeSpace: Remedy = { ...plain, name: 'free-space', who: 'this edge', title: 'Free disk or memory of this edge server', text: 'The transport takes mail again by itself once there is enough of both: look at the disk that holds its queue first.' }

/** Where no server that is known here answers right, there is none to ask instead. */
export function mendDnsServers(servers: readonly string[], domain: string, what: string, evidence: readonly string[]): Remedy {
  const who = servers.join(', ') || 'the DNS servers'
  const text = [`To whoever keeps ${who}: mail for ${domain} waits, since no usable answer comes from there. ${what}`, '', 'What we see:', ...evidence.map((line) => `- ${line}`), '', `No other DNS server that is known here answers right either. Once one does, list it for the DNS lookups; until then mail for ${domain} is tried again by itself until it expires.`].join('\n')
  return { ...wait(null, text), who: 'your network', title: `Have ${who} mended, and wait until then` }
}

/** One click waits so long, if it is not too long, and tries again. */
export function wait(until: string | null, text: string): Remedy {
  return { ...plain, name: `wait:${until ?? 'unknown'}`, who: 'wait', title: until === null ? 'Wait' : `Wait until ${until}`, text, deed: until === null ? null : 'retry', until }
}

/** To a fifth; with a single connection there is nothing left to lower. */
export function limitConcurrency({ concurrency }: Circumstances): Remedy {
  const spread = 'Spread mailings over hours.'
  if (concurrency === null) return { ...plain, name: 'limit-concurrency', who: 'this edge', title: 'Send less at a time to this destination', text: `Let fewer connections to one domain be open at a time. ${spread}` }
  const { parameter, value } = concurrency
  const fewer = Math.max(1, Math.floor(value / 5))
  if (fewer === value) return { ...plain, name: 'limit-concurrency', who: 'this edge', title: 'Send less at a time to this destination', text: `One connection at a time is the least. ${spread}` }
  return {
    ...plain, name: 'limit-concurrency', who: 'this edge', title: `Open at most ${fewer} connection${fewer === 1 ? '' : 's'} to one domain at a time`,
    text: `The transport opens up to ${value} at a time now (${parameter}). ${spread}`, wanted: { limits: { [parameter]: fewer } },
  }
}

/** `record` as it is to be copied, and nothing else; what is to be known of it stands in the title. */
export function publishRecord(name: string, type: string, record: string, title = `Publish ${type} for ${name}`): Remedy {
  return { ...plain, name: `publish-record:${name} ${type}`, who: 'your DNS owner', title, text: record }
}

export function setPtr(address: string, { name }: Circumstances, text: string): Remedy {
  return { ...plain, name: `set-ptr:${address}`, who: 'your network', title: `Have the PTR of ${address} set`, text: `${text} Whoever owns the address, mostly the Internet provider, sets it: ${address} PTR ${name}. The name must lead back to the address. Test: the reverse lookup of ${address} gives a name whose address is ${address}.` }
}

export function openPort(to: string, egress: string | null): Remedy {
  return { ...plain, name: 'open-port:25', who: 'your network', title: 'Open TCP port 25 outwards', text: `Let TCP connections from ${egress ?? 'this edge server'} to port 25 of any address pass: in the firewall, in security software of this machine, and at the Internet provider, many of which close it until asked. Test again with: edgewise smtp-test --host ${to} postmaster@example.com. Until then a smart host at port 587 takes the mail.` }
}

export const fixEgress = (text: string): Remedy => ({ ...plain, name: 'fix-egress', who: 'your network', title: 'Mend how connections leave', text })
export const delist = (zone: string, what: string, reason: string | null): Remedy => ({ ...plain, name: `delist:${zone}`, who: 'your network', title: `Have ${what} taken off ${zone}`, text: `Find and stop what it was listed for first, or it is listed again. Then ask ${zone} to remove ${what}.${reason === null ? '' : ` It says: ${reason.replace(/[.!?]?$/, (end) => end || '.')}`} Never pay for it.` })
export const renewCertificate: Remedy = { ...plain, name: 'renew-certificate', who: 'this edge', title: 'Renew this edge server’s certificate', text: 'Renew it, and bind it to SMTP: in Exchange Enable-ExchangeCertificate -Services SMTP. Then restart the transport service.' }
export const tlsPolicy = (domain: string): Remedy => ({ ...plain, name: `tls-policy:${domain}`, who: 'this edge', title: `Send to ${domain} without TLS for now`, text: `Until the destination mends its TLS, let mail for ${domain} go in clear, if its content allows that: in Exchange a send connector for the domain with IgnoreSTARTTLS, in Postfix a line “${domain} none” in smtp_tls_policy_maps.` })
export const tellSender = (text: string): Remedy => ({ ...plain, name: 'tell-sender', who: 'this edge', title: 'Tell the sender', text })
export const startMailboxServer = (nextHop: string): Remedy => ({ ...plain, name: 'start-mailbox-server', who: 'your network', title: `Start the mailbox server ${nextHop}`, text: `Start its SMTP service, and let connections from this edge server to ${nextHop} pass. Test again with: edgewise smtp-test. In Exchange the services are MSExchangeFrontEndTransport and MSExchangeTransport there.` })

/** A mail that can be sent to the destination’s postmaster as it is. */
export function tellDestination(domain: string, evidence: readonly string[], { name, egress, now }: Circumstances): Remedy {
  const text = [`To: postmaster@${domain}`, `Subject: Mail from ${name} to ${domain} is not taken`, '', 'Hello,', '', `our mail server ${name}${egress === null ? '' : ` (${egress})`} cannot deliver mail for ${domain}. What we see, as of ${now}:`, '', ...evidence.map((line) => `- ${line}`), '', 'Would you please look into it? Thank you.'].join('\n')
  return { ...plain, name: `tell-destination:${domain}`, who: 'the destination', title: `Tell the postmaster of ${domain}`, text }
}
