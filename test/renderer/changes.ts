// The guarded change of the double: the same steps as the real one, in a world where a server's address says how it answers.
import type { Change, ChangeStep, Plan, Probed, Wanted } from '../../preload/contract/changes.ts'
import { Failure } from '../../preload/contract/failure.ts'
import type { Answers } from '../../preload/contract/index.ts'
import type { ServerId } from '../../preload/contract/server-id.ts'
import type { Properties } from '../../preload/contract/servers.ts'
import type { HostsDouble } from './hosts.ts'

/** What the story lends: its servers, and its clock. */
export interface Stage {
  of(server: ServerId): Properties
  update(server: ServerId, change: Partial<Properties>): void
  /** As after a restart: what is saved is in effect. */
  restarted(server: ServerId): void
  serversOf(wanted: Wanted, server: ServerId): string[]
  hosts: HostsDouble
  pause(): Promise<unknown>
  /** Milliseconds for “Keep these changes?”. */
  keepLimit: number
}

type Verdict = Probed['verdict']
const verdicts: Record<string, Verdict> = { '10.0.0.10': 'answers', 'fd00::10': 'answers', '203.0.113.53': 'fails', '192.0.2.1': 'silent' }
const said: Record<Verdict, string> = {
  answers: 'answers in 2 ms: example.test MX 10 mail.example.test',
  denies: 'says that example.test does not exist',
  fails: 'answers SERVFAIL for example.test MX',
  silent: 'did not answer within 3 s (example.test MX)',
}

const idOf = (at: number) => `3f2a9c1e-0000-4000-8000-${String(at).padStart(12, '0')}`

export function changesOf(stage: Stage): Answers['changes'] & { journal: Change[] } {
  const journal: Change[] = []
  const questions = new Map<string, (keep: boolean) => void>()
  const probe = (servers: string[]): Probed[] =>
    servers.map((server) => {
      const verdict = verdicts[server] ?? 'denies'
      return { server, name: 'example.test', type: 'MX', verdict, text: `${server} ${said[verdict]}`, ms: verdict === 'silent' ? 3_000 : 2 }
    })
  const planned = (server: ServerId, wanted: Wanted): Plan => {
    if (wanted.hosts) {
      const { words, patch } = stage.hosts.plan(wanted.hosts)
      return { words, patch, diff: [], warnings: [], probe: [], refused: null, command: { edgewise: 'edgewise hosts …', powershell: null } }
    }
    const servers = stage.serversOf(wanted, server)
    const probed = wanted.lookups ? probe(servers) : []
    const before = stage.of(server).inEffect?.internal.servers.join(', ') ?? 'nobody'
    const limit = wanted.limits?.transientFailureRetryInterval ?? stage.of(server).limits.transientFailureRetryInterval
    return {
      words: [wanted.lookups ? `Internal DNS lookups ask ${servers.join(', ')}.` : `Transient failure retry interval (seconds): ${limit}.`],
      diff: [wanted.lookups ? { what: 'Internal DNS lookups, source', before, after: servers.join(', ') } : { what: 'Transient failure retry interval (seconds)', before: '600', after: String(limit) }],
      warnings: [],
      probe: probed,
      refused: probed.length > 0 && probed.every(({ verdict }) => verdict === 'silent') ? `None of the DNS servers ${servers.join(', ')} answers.` : null,
      command: { edgewise: `edgewise lookups set internal --servers ${servers.join(',')} --protocol any`, powershell: null },
    }
  }
  const verdictOf = ({ probe: probed }: Plan): 'verified' | 'failed' | 'undecided' =>
    probed.length === 0 || probed.some(({ verdict }) => verdict === 'answers') ? 'verified' : probed.every(({ verdict }) => verdict === 'silent') ? 'undecided' : 'failed'

  const run: Answers['changes']['run'] = async ({ server, wanted, restart, drain = false, force = false, keep = false, by = 'the console' }, { progress, signal }) => {
    const plan = planned(server, wanted)
    if (plan.refused !== null && !force) throw new Failure('failed', `${plan.refused} Nothing was changed.`, 'Choose DNS servers that answer.')
    const { lookups, limits } = stage.of(server)
    const change: Change = { id: idOf(journal.length), kind: wanted.hosts ? 'hosts' : 'settings', began: new Date().toISOString(), by: `${by} (process 1)`, words: plan.words, diff: plan.diff, ...(plan.patch ? { patch: plan.patch } : {}), steps: [], state: 'open', reason: null, ended: null, resumed: false }
    journal.unshift(change)
    const reach = async (step: ChangeStep, text = `${step}.`) => {
      change.steps.push({ step, at: Date.now() - Date.parse(change.began), text })
      // As the border does: who has cancelled is told no more.
      if (!signal.aborted) progress({ kind: 'step', step: change.steps.at(-1)! })
      await stage.pause()
    }
    const end = async (state: 'kept' | 'rolled back', reason: string) => {
      await reach(state, reason)
      Object.assign(change, { state, reason, ended: new Date().toISOString() })
      return change
    }
    const back = async (why: string) => {
      await reach('rolling back', why)
      stage.update(server, { lookups, limits })
      if (restart) stage.restarted(server)
      await reach('restored')
      return end('rolled back', why)
    }
    for (const step of ['planned', 'probed', 'journalled', 'applying'] as const) await reach(step)
    if (wanted.hosts) stage.hosts.save(wanted.hosts, change.id)
    else stage.update(server, { lookups: { ...lookups, ...wanted.lookups } as typeof lookups, limits: { ...limits, ...wanted.limits } as typeof limits, restartNeeded: true })
    await reach('applied')
    if (!restart && wanted.hosts) return end('kept', 'Saved.')
    if (!restart) return end('kept', 'Saved. It takes effect with the next restart of the transport service.')
    for (const step of [...(drain ? (['draining'] as const) : []), 'stopping', 'stopped', 'starting', 'serving'] as const) await reach(step)
    stage.restarted(server)
    await reach('verifying')
    if (signal.aborted) return back('It was cancelled.')
    const verdict = verdictOf(plan)
    const text = { verified: 'Mail to orders@example.test that waited was delivered: 250 OK', failed: 'Mail to orders@example.test still waits: DNS query failed', undecided: 'No mail waits, and no DNS server gave an answer to compare with.' }[verdict]
    await reach(verdict, text)
    if (verdict === 'failed') return back(text)
    if (verdict === 'verified') return end('kept', text)
    const isKept =
      keep ||
      (await new Promise<boolean>((resolve) => {
        questions.set(change.id, resolve)
        signal.addEventListener('abort', () => resolve(false))
        setTimeout(resolve, stage.keepLimit, false)
        progress({ kind: 'keep?', id: change.id, until: new Date(Date.now() + stage.keepLimit).toISOString(), text })
      }))
    questions.delete(change.id)
    return isKept ? end('kept', `${text} It was kept by the administrator.`) : back(`${text} Nobody said to keep it.`)
  }

  const wantedBack = (server: ServerId): Wanted => ({ lookups: { ...stage.of(server).lookups, internal: { source: { kind: 'all-adapters' }, protocol: 'any' } } })

  return {
    journal,
    run,
    plan: async ({ server, wanted }, { progress, signal }) => {
      const { probe: probed, refused, ...described } = planned(server, wanted)
      progress({ kind: 'described', described })
      for (const one of probed) {
        await stage.pause()
        signal.throwIfAborted()
        progress({ kind: 'probed', probed: one })
      }
      return { ...described, probe: probed, refused }
    },
    keep: async ({ id, keep }) => {
      const answer = questions.get(id)
      if (!answer) throw new Failure('not-found', 'That change does not ask any more whether it is to be kept.')
      answer(keep)
      return {}
    },
    list: async ({ limit = Infinity }) => ({ changes: journal.slice(0, limit) }),
    show: async ({ id }) => {
      const change = journal.find((one) => one.id.startsWith(id))
      if (!change) throw new Failure('not-found', `There is no change “${id}”.`)
      return { change }
    },
    resume: async () => ({ change: null }),
    planBack: async ({ server, id }) => {
      const past = journal.find((one) => one.id === id)
      if (past?.kind !== 'hosts') return { ...planned(server, wantedBack(server)), refused: null }
      return { ...stage.hosts.planBack(id), diff: [], warnings: [], probe: [], refused: null, command: { edgewise: '', powershell: null } }
    },
    rollBack: async ({ server, id, restart, by = 'the console' }, asked) => {
      const past = journal.find((one) => one.id === id)
      if (past?.kind === 'hosts') {
        const change: Change = { ...past, id: idOf(journal.length), began: new Date().toISOString(), ...stage.hosts.undo(id, idOf(journal.length)) }
        journal.unshift(change)
        return change
      }
      return run({ server, wanted: wantedBack(server), restart, drain: false, force: true, keep: false, by }, asked)
    },
  }
}
