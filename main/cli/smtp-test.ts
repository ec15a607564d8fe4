// The guided telnet: every host's transcript as it comes, a table at the end.
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { Failure } from '../../preload/contract/failure.ts'
import type { SmtpDialogue, SmtpRoute, SmtpTarget, TlsMode } from '../../preload/contract/smtp-test.ts'
import { stepLines } from '../../preload/contract/smtp-transcript.ts'
import { adapterNamed } from './lookups.ts'
import { duration, exitCodes, plain, table } from './output.ts'
import type { Core, Verb } from './perform.ts'

export interface SmtpTestWanted {
  from: string
  helo?: string
  host?: string
  port?: number
  source?: string
  tls: TlsMode
  authUser?: string
  data?: true
  subject?: string
  body?: string
  /** Seconds. */
  timeout?: number
}

const usual = { subject: 'SMTP test', body: 'This message tests the way from an edge server to this mailbox.' }

export function smtpTest(recipient: string, wanted: SmtpTestWanted): Verb {
  // Taken out of the environment before anything is started: the transport service would keep it for as long as it runs.
  const given = process.env['EDGEWISE_SMTP_PASSWORD']
  delete process.env['EDGEWISE_SMTP_PASSWORD']
  return async (core) => {
    const { from, helo = null, host = null, port = null, tls, timeout, data, subject = usual.subject, body = usual.body } = wanted
    if (!data && (wanted.subject !== undefined || wanted.body !== undefined)) throw new Failure('bad-input', '--subject and --body go with --data, which sends a message.')
    const source = wanted.source === undefined ? null : (await adapterNamed(wanted.source, core)).id
    const auth = wanted.authUser === undefined ? null : { user: wanted.authUser, password: given ?? (await password(core)) }
    const options = { from, helo, port, source, tls, auth, data: data ? { subject, body } : null, timeouts: timeout === undefined ? {} : { connect: timeout, reply: timeout } }
    let targets = new Map<string, SmtpTarget>()
    const outcome = await core.ask('smtpTest', 'run', { server: 'local', recipient, host, options }, (told) => {
      if (told.kind === 'begun') targets = new Map(told.dialogues.map((target) => [target.key, target]))
      core.tell(told, told.kind === 'step' ? said(stepLines(told.step), targets, told.dialogue) : told.kind === 'route' ? routeText(told.route) : told.kind === 'begun' ? begunText(told.dialogues) : said([`${told.outcome}: ${told.text}`], targets, told.dialogue))
    })
    return { json: outcome, text: `\n${endText(outcome)}`, exitCode: core.signal.aborted ? exitCodes.cancelled : isFine(outcome) ? 0 : 1 }
  }
}

/** What is refused and then done in another way, such as EHLO before HELO, is no refusal. */
function isFine({ dialogues, route }: { dialogues: SmtpDialogue[]; route: SmtpRoute | null }): boolean {
  const stepsDone = ({ steps }: SmtpDialogue) => steps.every(({ stage, verdict }) => verdict === 'accepted' || stage === 'quit' || stage === 'ehlo')
  return dialogues.length > 0 && dialogues.every((one) => one.outcome === 'accepted' && stepsDone(one)) && (route === null || route.transport.problem === null)
}

/** Each line says whose it is, where several hosts speak at once. */
function said(lines: string[], targets: Map<string, SmtpTarget>, key: string): string {
  const target = targets.get(key)
  const prefix = targets.size < 2 || target === undefined ? '' : `${target.host} [${target.address}]  `
  return lines.map((line) => plain(prefix + line)).join('\n')
}

function routeText({ domain, transport, system, differences }: SmtpRoute): string {
  return [`${domain}, as the transport finds it: ${transport.text}`, `${domain}, as this machine finds it: ${system.text}`, ...differences].map(plain).join('\n')
}

const begunText = (targets: SmtpTarget[]) => targets.map(({ host, address, port }) => plain(`Testing ${host} [${address}]:${port}`)).join('\n') || 'There is no host to test.'

function endText({ dialogues, text }: { dialogues: SmtpDialogue[]; text: string }): string {
  const rows = dialogues.map(({ host, address, source, outcome, ms, text: words }) => [host, address, source ?? '–', outcome, duration(ms), words])
  const remedies = dialogues.flatMap(({ host, steps }) => steps.flatMap(({ explained }) => (explained === null ? [] : [`${host}: ${explained.meaning} ${explained.remedy}`])))
  return [...(rows.length > 0 ? [table(['Host', 'Address', 'From', 'Outcome', 'Time', 'Last'], rows)] : []), ...new Set(remedies.map(plain)), plain(text)].join('\n')
}

/** Never an argument, which every user of the machine can read. */
async function password(core: Core): Promise<string> {
  if (core.json || !process.stdin.isTTY || !process.stderr.isTTY) throw new Failure('bad-input', 'The password is missing.', 'Set EDGEWISE_SMTP_PASSWORD, or run this at a terminal without --json to be asked for it.')
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const terminal = createInterface({ input: process.stdin, output: silent, terminal: true })
  // Only now the terminal shows no more what is typed, and somebody may type at once.
  process.stderr.write('Password: ')
  try {
    return await new Promise<string>((done, failed) => {
      const cancelled = () => failed(new Failure('cancelled', 'Cancelled.'))
      core.signal.addEventListener('abort', cancelled, { once: true })
      terminal.once('SIGINT', cancelled).once('close', cancelled)
      terminal.question('', done)
    })
  } finally {
    terminal.close()
    process.stderr.write('\n')
  }
}
