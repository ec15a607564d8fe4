// The double's troubleshooter: one proven cause as long as mail waits, nothing wrong once it has moved.
import type { Answers } from '../../preload/contract/index.ts'
import type { Cause, CheckName, Diagnosis, DiagnosisFinding, DiagnosisProgress, Egress, Remedy } from '../../preload/contract/diagnosis.ts'
import { Failure } from '../../preload/contract/failure.ts'

/** What was saved, as it was asked for. */
export const saved: { file: string; target: string; remedy: { name: string; title: string } | null }[] = []

const at = '2026-03-01T10:00:00.000Z'

export const useLan: Remedy = { name: 'use-adapter:LAN', who: 'this edge', title: 'Ask the DNS servers of “LAN”', text: 'The DNS servers of the adapter “LAN” answer right.', wanted: null, deed: null, until: null }

const findings: DiagnosisFinding[] = [
  { id: 'f1', check: 'dns-compared', target: 'example.test', verdict: 'bad', text: 'Adapter “DMZ”, which the transport asks: example.test MX: 203.0.113.53 answered SERVFAIL', at, raw: '203.0.113.53 example.test MX: SERVFAIL' },
  { id: 'f2', check: 'dns-compared', target: 'example.test', verdict: 'good', text: 'Adapter “LAN”: 10.0.0.10 answers in 2 ms: example.test MX mail.example.test; mail.example.test is 198.51.100.25', at, raw: '10.0.0.10 example.test MX: NOERROR 10 mail.example.test' },
]

const cause: Cause = { name: 'dns-wrong-adapter', proof: 'proven', domains: ['example.test'], text: 'The transport asks the adapter “DMZ”, whose DNS servers give no usable answer; those of “LAN” do.', for: ['f1', 'f2'], against: [], missing: null, remedies: [useLan] }

/** `cured` says whether mail moves; `cure` does what the one-click remedy does. */
export function diagnosisDouble({ pause, isCured, cure }: { pause(): Promise<void>; isCured(): boolean; cure(): Promise<void> }): Answers['diagnosis'] {
  let egress: Egress = { address: null, source: 'unknown', text: 'The address that destinations see is not known.' }
  const diagnosed = async (target: string, progress: (value: DiagnosisProgress) => void): Promise<Diagnosis> => {
    const check = { name: 'dns-compared' satisfies CheckName, title: 'DNS servers compared' } as const
    progress({ kind: 'check began', check })
    await pause()
    const known = isCured() ? findings.slice(1) : findings
    for (const finding of known) progress({ kind: 'finding', finding })
    progress({ kind: 'check ended', check, ms: 12 })
    const causes = isCured() ? [] : [cause]
    return {
      target, domains: ['example.test'], healthy: isCured(), text: isCured() ? 'Nothing wrong found.' : cause.text, causes, notes: [], findings: known,
      checks: [{ ...check, ms: 12, findings: known.length }], egress, at, ms: 12,
    }
  }
  return {
    run: ({ target }, { progress }) => diagnosed(target, progress),
    cure: async ({ target, remedy }, { progress }) => {
      if (remedy !== useLan.name) throw new Failure('not-found', `The last diagnosis has no remedy “${remedy}”.`)
      progress({ kind: 'deed', text: useLan.title })
      await cure()
      return { done: true, text: 'Kept: the mail that waited was delivered.', moved: ['dns-wrong-adapter is gone.'], after: await diagnosed(target, progress) }
    },
    egress: async () => egress,
    setEgress: async ({ address }) => {
      egress = address === null ? { address, source: 'unknown', text: 'The address that destinations see is not known.' } : { address, source: 'given', text: `Destinations see ${address}, as you said.` }
      return egress
    },
    save: async ({ file, target, remedy }) => {
      if (remedy !== null && remedy.name !== useLan.name) throw new Failure('not-found', `The last diagnosis has no remedy “${remedy.name}”.`)
      saved.push({ file, target, remedy })
      return { files: [file] }
    },
    report: async ({ target }) => ({ html: `<!doctype html><title>${target}</title>`, json: JSON.stringify({ target }) }),
  }
}
