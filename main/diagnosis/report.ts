// A diagnosis to hand on: one HTML file and JSON, without mail addresses, subjects, names of files or of users.
import type { Diagnosis } from '../../preload/contract/diagnosis.ts'
import type { Properties } from '../../preload/contract/servers.ts'

interface Around {
  properties: Properties
  /** What waited when it was diagnosed, and what waits now. */
  before: unknown
  after: unknown
}

export function reportOf(diagnosis: Diagnosis, { properties, before, after }: Around): { html: string; json: string } {
  const { name, transport, version, service, lookups, limits, acceptedDomains, inEffect } = properties
  const settings = { name, transport, version, service: service.state, lookups, limits, acceptedDomains, inEffect }
  const hide = redactor(properties.home)
  const bundle = hide({ settings, diagnosis, queues: { before, after } }) as { settings: object; diagnosis: Diagnosis; queues: object }
  return { html: htmlOf(bundle), json: `${JSON.stringify(bundle, null, 2)}\n` }
}

/** The same address gets the same stand-in throughout, so that what belongs together can still be seen. */
export function redactor(home: string): (value: unknown) => unknown {
  const names = new Map<string, string>()
  const standIn = (local: string) => {
    const known = names.get(local.toLowerCase()) ?? (/^postmaster$/i.test(local) ? 'postmaster' : `user${names.size + 1}`)
    names.set(local.toLowerCase(), known)
    return known
  }
  const text = (given: string) =>
    (home === '' ? given : given.replaceAll(home, '(home folder)'))
      .replace(/(?:"(?:[^"\\\r\n]|\\.){1,64}"|[\p{L}\p{N}.!#$%&'*+/=?^_`{|}~-]{1,64})(?=@[\p{L}\p{N}[])/gu, (local) => standIn(local))
      .replace(/(?:\/(?:home|root|Users|var|tmp|etc)\/|[A-Z]:\\Users\\)[^\s"'”,;:)]*/g, '(path)')
  const hide = (value: unknown): unknown => {
    if (typeof value === 'string') return text(value)
    if (Array.isArray(value)) return value.map(hide)
    if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).filter(([key]) => key !== 'subject' && key !== 'home').map(([key, one]) => [text(key), hide(one)]))
    return value
  }
  return hide
}

const escaped = (value: string) => value.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

function htmlOf({ settings, diagnosis, queues }: { settings: object; diagnosis: Diagnosis; queues: object }): string {
  const { target, text, at, causes, notes, findings, checks } = diagnosis
  const link = (id: string) => `<a href="#${escaped(id)}">${escaped(id)}</a>`
  const list = (items: string[]) => (items.length === 0 ? '' : `<ul>${items.map((item) => `<li>${item}</li>`).join('')}</ul>`)
  const json = (value: object) => `<pre>${escaped(JSON.stringify(value, null, 2))}</pre>`
  const shownCauses = causes.map((cause) => `<section><h3>${escaped(cause.name)}: ${cause.proof}</h3><p>${escaped(cause.text)}</p>${cause.missing === null ? '' : `<p>Missing: ${escaped(cause.missing)}</p>`}<p>For: ${cause.for.map(link).join(', ') || 'none'}. Against: ${cause.against.map(link).join(', ') || 'none'}.</p>${list(cause.remedies.map((remedy) => `<b>${escaped(remedy.title)}</b> (${escaped(remedy.who)})<pre>${escaped(remedy.text)}</pre>`))}</section>`)
  const shownFindings = findings.map((finding) => `<details id="${escaped(finding.id)}"><summary>${escaped(finding.id)} [${finding.verdict}] ${escaped(finding.text)}</summary><p>${escaped(finding.at)}</p>${finding.raw === null ? '' : `<pre>${escaped(finding.raw)}</pre>`}</details>`)
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src \'none\'; style-src \'unsafe-inline\'">',
    `<title>Diagnosis of ${escaped(target)}</title><style>body{font:14px/1.5 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}pre{background:#f3f3f3;padding:.5rem;overflow:auto;white-space:pre-wrap}</style></head><body>`,
    `<h1>Diagnosis of ${escaped(target)}</h1><p>${escaped(at)}</p><p><b>${escaped(text)}</b></p>`,
    `<h2>Causes</h2>${shownCauses.join('') || '<p>None.</p>'}`,
    `<h2>Notes</h2>${list(notes.map((note) => `${escaped(note.text)} (${note.findings.map(link).join(', ')})`)) || '<p>None.</p>'}`,
    `<h2>What was looked at</h2>${list(checks.map(({ title, ms, findings: count }) => `${escaped(title)}: ${count} findings in ${ms} ms`))}`,
    `<h2>Findings</h2>${shownFindings.join('')}`,
    `<h2>Settings in effect</h2>${json(settings)}<h2>Queues before and after</h2>${json(queues)}</body></html>\n`,
  ].join('\n')
}
