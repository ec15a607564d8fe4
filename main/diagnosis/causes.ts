// From findings to the causes that they prove, in the order in which they bite. Decided from the facts alone: no I/O.
import { causeNames, proofs, type Cause } from '../../preload/contract/diagnosis.ts'
import { connectCauses } from './causes/connect.ts'
import { dnsCauses } from './causes/dns.ts'
import { hostsCauses } from './causes/hosts.ts'
import type { Stage } from './causes/naming.ts'
import { ownCauses } from './causes/own.ts'
import { saidCauses } from './causes/said.ts'
import type { Circumstances, Finding } from './finding.ts'

const stages: Stage[] = [ownCauses, dnsCauses, hostsCauses, connectCauses, saidCauses]

/** Proven ones first, then likely ones, then those that are ruled out. */
export function causesOf(findings: readonly Finding[], known: Circumstances): Cause[] {
  const causes = merged(stages.flatMap((stage) => stage(findings, known)))
  const place = ({ name, proof }: Cause) => proofs.indexOf(proof) * causeNames.length + causeNames.indexOf(name)
  return causes.filter((cause) => !isOutdone(cause, causes) && !isConsequence(cause, causes)).sort((a, b) => place(a) - place(b))
}

/** What is proven for some domain is not said to be likely too, and what is likely is not ruled out. */
function isOutdone({ name, proof }: Cause, causes: Cause[]): boolean {
  return causes.some((other) => other.name === name && proofs.indexOf(other.proof) < proofs.indexOf(proof))
}

/** A host that insists on TLS while a proxy strikes out its offer, or that refuses our own certificate, is not what is at fault. */
function isConsequence({ name, domains }: Cause, causes: Cause[]): boolean {
  return name === 'tls-failed' && causes.some((other) => (other.name === 'smtp-proxied' || other.name === 'own-certificate') && other.proof === 'proven' && domains.every((domain) => other.domains.includes(domain)))
}

/** The same cause with the same remedy, for several domains. */
function merged(causes: Cause[]): Cause[] {
  const found = new Map<string, Cause>()
  for (const cause of causes) {
    const key = [cause.name, cause.proof, ...(cause.proof === 'ruled out' ? [] : cause.remedies.slice(0, 1).map(({ name }) => name))].join(' ')
    const before = found.get(key)
    const both = (of: 'domains' | 'for' | 'against') => [...new Set([...(before?.[of] ?? []), ...cause[of]])]
    found.set(key, before ? { ...before, domains: both('domains'), for: both('for'), against: both('against') } : cause)
  }
  return [...found.values()]
}
