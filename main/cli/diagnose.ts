// Why mail waits, from the command line: each check as it ends, then the causes with their evidence and remedies.
import { writeFile } from 'node:fs/promises'
import type { Cause, Diagnosis, DiagnosisProgress } from '../../preload/contract/diagnosis.ts'
import { oneClick } from '../../preload/contract/diagnosis.ts'
import { Failure } from '../../preload/contract/failure.ts'
import { duration, facts, plain } from './output.ts'
import type { Core, Verb } from './perform.ts'

export interface DiagnoseWanted {
  cure?: true
  egress?: string
  report?: string
}

/** Exit codes: 0 nothing wrong, 1 a fault was found (and is there still), 2 the target is none. */
export function diagnose(target: string, { cure, egress, report }: DiagnoseWanted): Verb {
  return async (core) => {
    if (egress !== undefined) await core.ask('diagnosis', 'setEgress', { server: 'local', address: egress === 'none' ? null : egress })
    const found = await core.ask('diagnosis', 'run', { server: 'local', target }, (told) => tell(core, told))
    const remedy = cure ? oneClick(found) : null
    const cured = remedy === null ? null : await core.ask('diagnosis', 'cure', { server: 'local', target, remedy: remedy.name, by: 'edgewise diagnose --cure' }, (told) => follow(core, told))
    if (report !== undefined) await saveReport(core, target, report)
    if (cured === null) {
      const why = cure && !found.healthy ? '\n\nNothing of this is done by one click.' : ''
      return { json: { diagnosis: found }, text: `\n${diagnosisText(found)}${why}`, exitCode: found.healthy ? 0 : 1 }
    }
    const text = [diagnosisText(found), '', `Remedy: ${remedy?.title}. ${cured.text}`, ...cured.moved, '', diagnosisText(cured.after)].join('\n')
    return { json: { diagnosis: found, cured }, text: `\n${text}`, exitCode: cured.done && cured.after.healthy ? 0 : 1 }
  }
}

function tell(core: Core, told: DiagnosisProgress): void {
  if (told.kind === 'finding') core.tell(told, `  ${mark[told.finding.verdict]} ${plain(told.finding.text)}`)
  else if (core.json) core.tell(told, '')
  else if (told.kind === 'check ended') core.tell(told, `${told.check.title}: ${duration(told.ms)}`)
}

const mark = { good: '·', bad: '!', odd: '?', 'not-known': '?' } as const

type Following = DiagnosisProgress | { kind: 'deed'; text: string } | { kind: 'described' | 'keep?' } | { kind: 'probed'; probed: { text: string } } | { kind: 'step'; step: { text: string } }

function follow(core: Core, told: Following): void {
  if (told.kind === 'deed') core.tell(told, `  ${plain(told.text)}`)
  else if (told.kind === 'probed') core.tell(told, `  ${told.probed.text}`)
  else if (told.kind === 'step') core.tell(told, `  ${told.step.text}`)
  else if (told.kind === 'check began' || told.kind === 'check ended' || told.kind === 'finding') tell(core, told)
}

export function diagnosisText({ text, causes, notes, findings, checks, ms, egress }: Diagnosis): string {
  const shown = causes.filter(({ proof }) => proof !== 'ruled out')
  const out = causes.filter(({ proof }) => proof === 'ruled out')
  const evidence = (ids: string[]) => findings.filter(({ id }) => ids.includes(id)).map((finding) => `    ${plain(finding.text)}`)
  const cause = (one: Cause) => [
    '', `${one.name}: ${one.proof}${one.domains.length > 0 ? ` (${one.domains.join(', ')})` : ''}`, `  ${plain(one.text)}`,
    ...(one.missing === null ? [] : [`  To be proven it lacks: ${one.missing}`]),
    '  Evidence:', ...evidence(one.for), ...(one.against.length > 0 ? ['  Against it:', ...evidence(one.against)] : []),
    ...one.remedies.flatMap((remedy) => [`  ${remedy.name} (${remedy.who}): ${remedy.title}`, ...remedy.text.split('\n').map((line) => `    ${plain(line)}`.trimEnd())]),
  ]
  return [
    facts([['Outcome', text], ['Looked at', `${checks.length} checks, ${findings.length} findings in ${duration(ms)}`], ['Ruled out', [...new Set(out.map(({ name }) => name))].join(', ') || null], ['Egress', egress.text]]),
    ...shown.flatMap(cause), ...(notes.length > 0 ? ['', 'Notes', ...notes.map((note) => `  ${note.name}: ${plain(note.text)}`)] : []),
  ].join('\n')
}

/** HTML, or JSON where the file’s name says so. */
async function saveReport(core: Core, target: string, file: string): Promise<void> {
  const { html, json } = await core.ask('diagnosis', 'report', { server: 'local', target })
  try {
    await writeFile(file, /\.json$/i.test(file) ? json : html, { mode: 0o600 })
  } catch (error) {
    throw new Failure('failed', `The report cannot be written to ${file}: ${error instanceof Error ? error.message : String(error)}.`, 'Give a file in a folder that you may write to.')
  }
}
