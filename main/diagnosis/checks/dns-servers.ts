// Finds out how each DNS server behaves: silent, refusing, failing, without recursion, slow, deaf to AAAA or to TCP.
import type { ServerHealth } from '../../../preload/contract/health.ts'
import { healthOf, mostNames, type HealthName } from '../../dns/health.ts'
import { serversToAsk } from '../../dns/health-subject.ts'
import type { Check } from '../looking.ts'

export const dnsServers: Check = {
  name: 'dns-servers',
  title: 'Each DNS server by itself',
  limit: 10_000,
  async run({ subject, questions, world, servers, signal }, tell) {
    const { adapters, inEffect, domains } = subject
    const inEffectAt = (server: string) => (['internal', 'external'] as const).filter((side) => inEffect[side].servers.includes(server))
    const asked = serversToAsk(adapters, undefined, servers)
    await healthOf(asked, namesOf(domains.map(({ domain }) => domain)), {
      reach: (address, port) => world.reach(address, port), signal, askOne: questions.one,
      told: (health) => {
        const sides = inEffectAt(health.server)
        tell({ target: health.server, verdict: health.state === 'answers' && health.notes.length === 0 ? 'good' : sides.length > 0 ? 'bad' : 'odd', text: `${health.server}${sides.length > 0 ? ', which the transport asks,' : ''} ${[health.text, ...health.notes.map(({ text }) => text)].filter((text, at, all) => all.indexOf(text) === at).join('; ')}.`, raw: rawHealth(health), fact: { kind: 'server', health, inEffect: sides } })
      },
    })
  },
}

const namesOf = (domains: string[]): HealthName[] => domains.filter((domain) => !/[:[\s]/.test(domain) && /[a-z]/i.test(domain)).slice(0, mostNames).map((name) => ({ name, purpose: 'waiting' }))

const rawHealth = ({ server, answers }: ServerHealth) => answers.map(({ name, type, over, verdict, values, ms }) => `; ${server}: ${name} ${type} over ${over.toUpperCase()}: ${verdict}, ${Math.round(ms)} ms${values.length > 0 ? `\n${values.join('\n')}` : ''}`).join('\n')
