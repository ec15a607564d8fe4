// What a check found out: a fact with its evidence, or that it could not be known, and why.
import type { LookupSide } from '../../preload/contract/dns.ts'

/** What one set of DNS servers says of a domain that mail waits for. */
export interface ServersCompared {
  check: 'adapters-compared'
  domain: string
  asked: Asked
  servers: string[]
  /** `usable`: mail could be delivered with this answer; `denied`: a definite answer with no mail host in it. */
  verdict: 'usable' | 'denied' | 'failed'
  /** Who was asked and what was answered, as a sentence. */
  text: string
  /** ISO 8601. */
  at: string
}

/** Either what the transport asks now, or an adapter's own servers. */
export type Asked = { chosen: LookupSide; adapter: { id: string; name: string } | null } | { adapter: { id: string; name: string } }

export interface NotKnown {
  check: string
  verdict: 'not-known'
  text: string
  at: string
}

export type Finding = ServersCompared | NotKnown

export interface Cause {
  /** One of the names in the design. */
  name: string
  /** Sentences, each from a finding. */
  evidence: string[]
  /** One of the remedy names in the design, with its object; null where this edge can do nothing. */
  remedy: string | null
}
