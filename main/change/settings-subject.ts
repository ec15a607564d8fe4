// A change of the transport's settings: lookups and limits, probed at the DNS servers that would be asked.
import type { Described, Probed, Wanted } from '../../preload/contract/changes.ts'
import type { Transport } from '../transport/transport.ts'
import { applied, judgeLookups, judgeParameters } from '../transport/wanted.ts'
import type { World } from '../world/world.ts'
import type { Following } from './changes.ts'
import type { Entry } from './journal.ts'
import { describe } from './plan.ts'
import { namesToAsk, newSources, probe } from './probe.ts'
import type { Prepared, Site, Subject, Which } from './subject.ts'
import { type Verdict, verify, waitingMail } from './verify.ts'

export class SettingsSubject implements Subject {
  private readonly world: World
  private readonly transport: Transport
  private readonly flags: string

  constructor({ world, transport, flags = '' }: Site) {
    this.world = world
    this.transport = transport
    this.flags = flags
  }

  readonly text = {
    applying: 'Writing the new settings.',
    applied: 'The new settings are saved.',
    verifying: 'Asking the transport’s own resolver.',
    restored: 'The settings are what they were.',
    foreign: 'The settings were changed by somebody else since, and were left as they are.',
  }

  async prepare(wanted: Wanted, { progress, signal }: Following, tell?: (described: Described) => void): Promise<Prepared> {
    const properties = await this.transport.properties()
    judgeParameters(properties, wanted)
    judgeLookups(properties, wanted)
    const adapters = await this.world.adapters()
    const described = describe(properties, wanted, adapters, this.flags)
    const { before: saved, after: then, powershell } = await this.transport.compose(wanted)
    described.command.powershell = powershell ?? null
    tell?.(described)
    const waiting = await waitingMail(this.transport, properties)
    const names = namesToAsk([...new Set(waiting.map(({ queue }) => queue))], properties.acceptedDomains.map(({ nextHop }) => nextHop), properties.controlName)
    const sources = wanted.lookups ? newSources(properties.lookups, applied(properties, wanted).lookups, adapters, wanted.lookups.internal && properties.savedServers) : []
    const probed = await probe(sources, names, { world: this.world, signal, told: (one) => progress({ kind: 'probed', probed: one }) })
    signal.throwIfAborted()
    const before = { lookups: properties.lookups, limits: properties.limits, log: properties.log }
    // Also where an earlier change has only been saved.
    const asksAnew = sources.length > 0 || properties.restartNeeded
    return {
      described,
      probed,
      refused: refusal(sources, probed),
      isIdle: (restart) => described.diff.length === 0 && !(restart && properties.restartNeeded),
      entry: {
        kind: 'settings',
        before: saved,
        after: then,
        standing: { before, after: applied(before, wanted) },
        hosts: null,
        undoes: null,
        transport: properties.transport,
        wasRunning: properties.service.state !== 'stopped',
      },
      waited: async () => waiting.map(({ id }) => id),
      secure: async () => undefined,
      verify: ({ waited }, since, limited) => verify({ transport: this.transport, waited, since, probed, names, asksAnew, signal: limited }),
    }
  }

  now(): Promise<string | null> {
    // Settings that cannot be read are worth less than those of the journal.
    return this.transport.compose({}).then(({ before }) => before, () => null)
  }

  write(entry: Entry, which: Which): Promise<void> {
    // What is taken back was compared already, also with what nobody can read.
    return this.transport.write(entry[which], which === 'after' ? entry.before : undefined)
  }

  async saved(): Promise<Verdict> {
    return { kind: 'verified', text: 'Saved. It takes effect with the next restart of the transport service.' }
  }
}

/** None of the servers says anything: then the plan would only make mail wait. */
function refusal(sources: ReturnType<typeof newSources>, probed: Probed[]): string | null {
  for (const { side, servers, problem } of sources) {
    if (problem !== null) return `The ${side} DNS lookups would have nobody to ask: ${problem}`
    const answered = probed.some(({ server, verdict }) => servers.includes(server) && verdict !== 'silent')
    if (!answered) return `None of the DNS servers ${servers.join(', ')} answers.`
  }
  return null
}
