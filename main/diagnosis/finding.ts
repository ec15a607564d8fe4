// What a check found out: a fact with its evidence. Causes are decided from the facts alone.
import type { DnsLookups, LookupSide } from '../../preload/contract/dns.ts'
import type { DiagnosisFinding } from '../../preload/contract/diagnosis.ts'
import type { ServerHealth } from '../../preload/contract/health.ts'
import type { SmtpStage } from '../../preload/contract/smtp-test.ts'
import type { Explained } from '../../preload/contract/smtp.ts'

/** Whose DNS servers are asked: those of the transport, of an adapter, of the other side’s list, or of this system. */
export type Asked =
  | { chosen: LookupSide; adapter: { id: string; name: string } | null }
  | { adapter: { id: string; name: string } }
  | { listed: LookupSide }
  | { system: true }

/** What one set of DNS servers says of a domain that mail waits for. */
export interface ServersCompared {
  kind: 'compared'
  domain: string
  /** Which lookups of the transport ask for it. */
  side: LookupSide
  asked: Asked
  servers: string[]
  /** `usable`: mail could be sent with this answer; `denied`: a definite answer with no mail host in it. */
  verdict: 'usable' | 'denied' | 'failed'
  /** Of `denied`: what is missing. */
  denial: 'no-domain' | 'null-mx' | 'no-mail-host' | 'mx-target-missing' | null
  /** The server that decided says so for a domain of its own. */
  authoritative: boolean
  /** The domain itself is its mail host, since it has no MX. */
  implicit: boolean
  /** `cname`: what the host is an alias of. */
  hosts: { name: string; addresses: string[]; cname: string | null }[]
  /** No address among them that the Internet can reach. */
  isPrivate: boolean
  /** Addresses of IPv6 are all that is missing, since nobody answered for them. */
  lacksIpv6Only: boolean
}

/** How far a connection to a mail host came, and what ended it. */
export type Reached = 'nothing' | 'connected' | 'banner' | 'ehlo' | 'mail' | 'rcpt'
export type Ending = 'accepted' | 'timeout' | 'refused' | 'no-route' | 'reset' | 'silent' | 'tls' | 'reply' | 'other'

export interface Spoke {
  kind: 'spoke'
  domain: string
  /** Another domain that waits, to tell a closed host from a closed port. */
  isControl: boolean
  host: string
  address: string
  family: 4 | 6
  /** How the transport comes to this address: by its DNS servers or its hosts file; `others`: only other DNS servers say so. */
  by: 'transport' | 'hosts' | 'others'
  reached: Reached
  ending: Ending
  banner: string | null
  /** What EHLO offered before TLS, sorted; null where EHLO was not answered. */
  offers: string[] | null
  /** Bytes, from EHLO’s SIZE; null where it says nothing. */
  size: number | null
  ms: number
}

/** What a mail server said, now or in the last attempt of the transport. */
export interface Said {
  kind: 'said'
  domain: string
  isFresh: boolean
  /** Of fresh ones: made up, since no mail waits; what is said of that recipient is nobody’s mail. */
  isMadeUp: boolean
  stage: SmtpStage | null
  /** Of fresh ones: who said it. */
  address: string | null
  explained: Explained
  recipient: string | null
  /** When it was said first, where that is known; ISO 8601. */
  since: string | null
  /** How many attempts of the oldest message ended so in a row, up to the last. */
  attempts: number
  /** When the transport tries again; ISO 8601. */
  nextRetry: string | null
}

export type Fact =
  | ServersCompared
  | Spoke
  | Said
  | { kind: 'service'; state: 'running' | 'stopped' | 'starting' | 'stopping' }
  | { kind: 'queue'; domain: string; isSuspended: boolean }
  | { kind: 'message'; domain: string; size: number; isExpired: boolean; expires: string | null }
  | { kind: 'server'; health: ServerHealth; inEffect: LookupSide[] }
  | { kind: 'hosts-entry'; domain: string; name: string; line: number; address: string; others: string[] }
  /** `expired`: the certificate, which few mind. `tls`: whoever tries TLS with this edge server fails. */
  | { kind: 'own-smtp'; problem: 'busy' | 'expired' | 'tls' | null }
  /** Of this machine, that connections leave from in turn. */
  | { kind: 'sources'; addresses: string[] }
  | { kind: 'sender'; domain: string; isDead: boolean; isNullMx: boolean }
  | { kind: 'spf'; domain: string; result: string; address: string; record: string | null }
  | { kind: 'dmarc'; domain: string; policy: string | null; record: string | null }
  /** Of a message that waits; `domain` is that of its From header. `other-domain`: a signature passes, and it is somebody else’s. */
  | { kind: 'dkim'; domain: string; result: 'aligned' | 'other-domain' | 'fail' | 'none' | 'unknown' }
  | { kind: 'ptr'; address: string; state: 'good' | 'missing' | 'mismatch' | 'generic'; name: string | null }
  | { kind: 'helo'; name: string; state: 'good' | 'bad' | 'differs'; why: string }
  | { kind: 'listing'; zone: string; what: string; state: 'listed' | 'not-listed' | 'not-usable'; weight: 'high' | 'low'; reason: string | null }

export interface Finding extends DiagnosisFinding {
  /** Null where it could not be found out. */
  fact: Fact | null
}

export type Found<K extends Fact['kind']> = Finding & { fact: Extract<Fact, { kind: K }> }

export function factsOf<K extends Fact['kind']>(findings: readonly Finding[], kind: K): Found<K>[] {
  return findings.filter((finding): finding is Found<K> => finding.fact?.kind === kind)
}

/** What else is known to whoever names causes and remedies: no I/O is left to do. */
export interface Circumstances {
  /** The edge server’s name, as it says it in HELO. */
  name: string
  lookups: DnsLookups
  acceptedDomains: readonly { domain: string; nextHop: string }[]
  egress: string | null
  /** How many may be open to one domain at the same time, and the transport’s parameter for it; null where it has none. */
  concurrency: { parameter: string; value: number } | null
  /** Networks of this machine have a global IPv6 address. */
  hasIpv6: boolean
  /** SHA-256 of the hosts file, hexadecimal; null where the transport does not read it. */
  hostsHash: string | null
  /** ISO 8601. */
  now: string
}
