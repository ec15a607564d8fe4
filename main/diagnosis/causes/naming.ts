// How a cause is put together, and what is asked of the findings by more than one stage.
import type { Cause, CauseName, Remedy } from '../../../preload/contract/diagnosis.ts'
import type { Circumstances, Finding, Found } from '../finding.ts'
import { factsOf } from '../finding.ts'

export type Stage = (findings: readonly Finding[], known: Circumstances) => Cause[]

interface Parts {
  domains?: string[]
  text: string
  by: readonly Finding[]
  against?: readonly Finding[]
  remedies?: Remedy[]
}

const ids = (findings: readonly Finding[]) => [...new Set(findings.map(({ id }) => id))]

const put = (name: CauseName, proof: Cause['proof'], { domains = [], text, by, against = [], remedies = [] }: Parts, missing: string | null): Cause => ({ name, proof, domains, text, for: ids(by), against: ids(against), missing, remedies })

export const proven = (name: CauseName, parts: Parts): Cause => put(name, 'proven', parts, null)
export const likely = (name: CauseName, missing: string, parts: Parts): Cause => put(name, 'likely', parts, missing)
export const ruledOut = (name: CauseName, text: string, against: readonly Finding[], domains: string[] = []): Cause => put(name, 'ruled out', { domains, text, by: [], against }, null)

export const texts = (findings: readonly Finding[]): string[] => [...new Set(findings.map(({ text }) => text))]

/** Dialogues on the way that the transport itself takes. */
export function onTheWay(findings: readonly Finding[], domain: string): Found<'spoke'>[] {
  return factsOf(findings, 'spoke').filter(({ fact }) => fact.domain === domain && !fact.isControl && fact.by !== 'others')
}

/** The transport would come as far as RCPT TO, and be heard there. */
export const delivers = (findings: readonly Finding[], domain: string): boolean => onTheWay(findings, domain).some(({ fact }) => fact.ending === 'accepted')

export const hasGreeted = ({ fact }: Found<'spoke'>): boolean => !['nothing', 'connected'].includes(fact.reached)
