// The draft of all tabs together, against what is saved. Pure.
import type { Wanted } from '../../preload/contract/changes.ts'
import type { DnsLookups } from '../../preload/contract/dns.ts'
import type { LimitName, Limits } from '../../preload/contract/limits.ts'
import { draftOf, isChanged, lookupsOf, problemOf, sameLookups, sameSide, type Draft } from './draft.ts'
import { areLimitsChanged, limitsDraftOf, limitsOf, limitsProblem, sameLimits, type LimitsDraft } from './limits.ts'

export interface Saved {
  lookups: DnsLookups
  limits: Limits
}

export interface Whole {
  lookups: Draft
  limits: LimitsDraft
}

/** What the administrator began from, and made of it. */
export interface Edited {
  draft: Whole
  saved: Saved
}

export const wholeOf = ({ lookups, limits }: Saved): Whole => ({ lookups: draftOf(lookups), limits: limitsDraftOf(limits) })

export const isWholeChanged = (draft: Whole, saved: Saved) => isChanged(draft.lookups, saved.lookups) || areLimitsChanged(draft.limits, saved.limits)

export const wholeProblem = (draft: Whole) => problemOf(draft.lookups) ?? limitsProblem(draft.limits)

export const sameSaved = (a: Saved, b: Saved) => sameLookups(a.lookups, b.lookups) && sameLimits(a.limits, b.limits)

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
  const limits: Partial<Limits> = Object.fromEntries(Object.entries(limitsOf(draft.limits, saved.limits)).filter(([limit, value]) => value !== saved.limits[limit as LimitName]))
  return { ...(Object.keys(lookups).length > 0 && { lookups }), ...(Object.keys(limits).length > 0 && { limits }) }
}
