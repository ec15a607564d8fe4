// The draft of all tabs together, against what is saved. Pure.
import type { Wanted } from '../../preload/contract/changes.ts'
import type { DnsLookups } from '../../preload/contract/dns.ts'
import { parameterTabs, type Parameter, type ParameterTab, type ParameterValues } from '../../preload/contract/parameters.ts'
import { draftOf, isChanged, lookupsOf, problemOf, sameLookups, sameSide, type Draft } from './draft.ts'
import { areParametersChanged, parametersDraftOf, parametersOf, parametersProblem, sameValues, type ParametersDraft } from './parameters.ts'

export interface Saved extends Record<ParameterTab, ParameterValues> {
  lookups: DnsLookups
  parameters: Parameter[]
}

export interface Whole extends Record<ParameterTab, ParametersDraft> {
  lookups: Draft
}

/** What the administrator began from, and made of it. */
export interface Edited {
  draft: Whole
  saved: Saved
}

export const parametersOn = ({ parameters }: Pick<Saved, 'parameters'>, tab: ParameterTab) => parameters.filter((one) => one.tab === tab)

export function wholeOf(saved: Saved): Whole {
  const draft = (tab: ParameterTab) => parametersDraftOf(parametersOn(saved, tab), saved[tab])
  return { lookups: draftOf(saved.lookups), limits: draft('limits'), log: draft('log') }
}

export const isWholeChanged = (draft: Whole, saved: Saved) =>
  isChanged(draft.lookups, saved.lookups) || parameterTabs.some((tab) => areParametersChanged(parametersOn(saved, tab), draft[tab], saved[tab]))

export function wholeProblem(draft: Whole, saved: Saved): string | null {
  const problems = parameterTabs.map((tab) => parametersProblem(parametersOn(saved, tab), draft[tab]))
  return problemOf(draft.lookups) ?? problems.find((problem) => problem !== null) ?? null
}

export const sameSaved = (a: Saved, b: Saved) => sameLookups(a.lookups, b.lookups) && parameterTabs.every((tab) => sameValues(a[tab], b[tab]))

/** Where nothing of the administrator's is in the draft, it shows what is saved, whoever saved it. */
export const isOwn = (edited: Edited | null, saved: Saved): edited is Edited =>
  edited !== null && (isWholeChanged(edited.draft, edited.saved) || sameSaved(edited.saved, saved))

/** Only what is different: the rest stays as it is, whoever changes it meanwhile. */
export function wantedOf(draft: Whole, saved: Saved): Wanted {
  const { internal, external, useExternalForInternet } = lookupsOf(draft.lookups)
  const lookups = {
    ...(!sameSide(internal, saved.lookups.internal) && { internal }),
    ...(!sameSide(external, saved.lookups.external) && { external }),
    ...(useExternalForInternet !== saved.lookups.useExternalForInternet && { useExternalForInternet }),
  }
  const changed = (tab: ParameterTab): [ParameterTab, ParameterValues] => {
    const values = parametersOf(parametersOn(saved, tab), draft[tab], saved[tab])
    return [tab, Object.fromEntries(Object.entries(values).filter(([name, value]) => value !== saved[tab][name]))]
  }
  const parameters = parameterTabs.map(changed).filter(([, values]) => Object.keys(values).length > 0)
  return { ...(Object.keys(lookups).length > 0 && { lookups }), ...Object.fromEntries(parameters) }
}
