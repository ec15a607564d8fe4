// From findings to the causes that they prove. What is not proven is not named: a false alarm weighs more than a miss.
import type { Cause, Finding, ServersCompared } from './finding.ts'
import { useAdapter } from './remedies.ts'

export function causesOf(findings: readonly Finding[]): Cause[] {
  const cause = wrongAdapter(findings.filter((finding): finding is ServersCompared => finding.verdict !== 'not-known'))
  return cause ? [cause] : []
}

/** Proven where the chosen adapter gives no usable answer for what waits, and the same question to another adapter does. */
function wrongAdapter(compared: readonly ServersCompared[]): Cause | null {
  const chosen = compared.filter(({ asked }) => 'chosen' in asked && asked.adapter !== null)
  const worked = new Set(chosen.filter(({ verdict }) => verdict === 'usable').map(({ domain }) => domain))
  const stuck = chosen.filter(({ domain }) => !worked.has(domain))
  if (stuck.length === 0) return null
  const usableAt = new Map<string, ServersCompared[]>()
  for (const finding of compared) {
    if ('chosen' in finding.asked || finding.verdict !== 'usable') continue
    const { id } = finding.asked.adapter
    usableAt.set(id, [...(usableAt.get(id) ?? []), finding])
  }
  // Nothing that works now may be lost by the remedy; among the adapters that are left, the one that helps most.
  const candidates = [...usableAt.values()]
    .filter((findings) => [...worked].every((domain) => findings.some((finding) => finding.domain === domain)))
    .map((findings) => findings.filter(({ domain }) => !worked.has(domain)))
    .sort((a, b) => b.length - a.length)
  const [best = []] = candidates
  const asked = best[0]?.asked
  if (!asked?.adapter) return null
  const helped = stuck.filter(({ domain }) => best.some((finding) => finding.domain === domain))
  return { name: 'dns-wrong-adapter', evidence: [...helped, ...best].map(({ text }) => text), remedy: useAdapter(asked.adapter, compared) }
}
