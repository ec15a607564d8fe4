// What is typed into the form of the SMTP test, what is wrong with it, and the options that it comes to.
import { create } from 'zustand'
import type { z } from 'zod'
import { recipient as recipientSchema, smtpOptions, type TlsMode } from '../../preload/contract/smtp-test.ts'
import { hostProblem } from '../../preload/contract/smtp-fields.ts'
import { number } from '../parts/format.ts'

/** As it is typed. */
export interface Draft {
  recipient: string
  from: string
  sends: boolean
  subject: string
  body: string
  /** The only host to be tested; empty for all that take mail for the recipient. */
  host: string
  helo: string
  port: string
  tls: TlsMode
  /** The id of an adapter; empty where the system chooses. */
  source: string
  connectTimeout: string
  replyTimeout: string
  user: string
  password: string
}
export type Field = keyof Draft
export type Problems = Partial<Record<Field, string>>
export type Options = z.input<typeof smtpOptions>

export const emptyDraft: Draft = {
  recipient: '',
  from: '',
  sends: false,
  subject: 'SMTP test',
  body: 'This message tests the way from an edge server to this mailbox.',
  host: '',
  helo: '',
  port: '',
  tls: 'if-offered',
  source: '',
  connectTimeout: '20',
  replyTimeout: '60',
  user: '',
  password: '',
}

interface Form {
  draft: Draft
  /** What is empty is told to be wrong only once somebody wants to begin. */
  wasAsked: boolean
}

export const useForm = create<Form>(() => ({ draft: emptyDraft, wasAsked: false }))

export const write = (change: Partial<Draft>) => useForm.setState(({ draft }) => ({ draft: { ...draft, ...change } }))

export function optionsOf(draft: Draft): Options {
  const { from, helo, port, source, tls, user, password, sends, subject, body, connectTimeout, replyTimeout } = draft
  return {
    from: from.trim(),
    helo: helo.trim() || null,
    port: port.trim() === '' ? null : Number(port),
    source: source || null,
    tls,
    auth: user === '' ? null : { user, password },
    data: sends ? { subject, body } : null,
    timeouts: { connect: Number(connectTimeout), reply: Number(replyTimeout) },
  }
}

/** Where the contract's own schema finds a fault, the field that it comes from. */
const fieldAt: Record<string, Field> = {
  from: 'from',
  helo: 'helo',
  source: 'source',
  'auth.user': 'user',
  'auth.password': 'password',
  'data.subject': 'subject',
  'data.body': 'body',
}

/** As the guided test says it: SMTP has the domain as it stands in the DNS. */
export function asSaid(address: string): string {
  const [, before = '', domain = ''] = /^(.*@)([^@]*)$/s.exec(address.trim()) ?? []
  if (/^\p{ASCII}*$/u.test(domain) || !URL.canParse(`http://${domain}`)) return address.trim()
  return before + new URL(`http://${domain}`).hostname
}

export function problemsOf(draft: Draft): Problems {
  const found: Problems = {}
  const tell = (field: Field, problem: string | null | undefined) => {
    if (problem) found[field] ??= sentence(problem)
  }
  for (const { path, message } of smtpOptions.safeParse(optionsOf(draft)).error?.issues ?? []) {
    const field = fieldAt[path.join('.')]
    if (field) tell(field, message)
  }
  tell('recipient', recipientSchema.safeParse(draft.recipient.trim()).error?.issues[0]?.message)
  if (draft.host.trim() !== '') tell('host', hostProblem(draft.host.trim()))
  if (draft.port.trim() !== '') tell('port', numberProblem(draft.port, { whole: true, least: 1, most: 65_535, unit: '' }))
  tell('connectTimeout', numberProblem(draft.connectTimeout, { whole: false, least: 0.1, most: 300, unit: ' of seconds' }))
  tell('replyTimeout', numberProblem(draft.replyTimeout, { whole: false, least: 0.1, most: 600, unit: ' of seconds' }))
  if (draft.password !== '' && draft.user === '') tell('user', 'Type the user whose password this is.')
  return found
}

function numberProblem(text: string, { whole, least, most, unit }: { whole: boolean; least: number; most: number; unit: string }): string | null {
  const value = Number(text)
  if (text.trim() !== '' && value >= least && value <= most && (!whole || Number.isInteger(value))) return null
  return `“${text}” is not a ${whole ? 'whole ' : ''}number${unit} from ${least} to ${number(most)}.`
}

/** The contract's words go on after a field's name. */
const sentence = (words: string) => `${words.charAt(0).toUpperCase()}${words.slice(1)}${/[.!?…]$/.test(words) ? '' : '.'}`

/** What is shown beneath the fields: an empty recipient is no fault before anybody wants to begin. */
export function shownProblems({ draft, wasAsked }: Form): Problems {
  const { recipient, ...others } = problemsOf(draft)
  return recipient !== undefined && (wasAsked || draft.recipient.trim() !== '') ? { recipient, ...others } : others
}

/** Those that stand under “More”. */
export const moreFields: readonly Field[] = ['host', 'helo', 'port', 'tls', 'source', 'connectTimeout', 'replyTimeout', 'user', 'password']
