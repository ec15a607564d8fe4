// Where DNS servers of different adapters say different things of a mail domain: one of them sends mail astray.
import type { HealthAnswer, ServerHealth } from '../../preload/contract/health.ts'

const sure: HealthAnswer['verdict'][] = ['records', 'no-data', 'no-domain']

/**
 * Only what mail is routed by, and only answers: addresses of large sites differ from one question to the next, and
 * who is silent says nothing.
 */
export function compared(servers: ServerHealth[]): ServerHealth[] {
  const said = servers.map((server) => new Map(server.answers.filter(counts).map((answer) => [`${answer.name} ${answer.type}`, answer])))
  return servers.map((server, at) => {
    const notes = [...(said[at] ?? [])].flatMap(([about, answer]) => {
      const others = servers.flatMap((other, place) => {
        const theirs = place === at || isSibling(server, other) ? undefined : said[place]?.get(about)
        return theirs && saying(theirs) !== saying(answer) ? [`${other.server} ${theirs.text}`] : []
      })
      return others.length === 0 ? [] : [{ kind: 'differs' as const, text: `${answer.text}; ${others.slice(0, 3).join('; ')}` }]
    })
    return notes.length === 0 ? server : { ...server, notes: [...server.notes, ...notes] }
  })
}

/** An address of one host tells domains without an MX apart, and private from public ones. */
const counts = ({ purpose, type, over, verdict }: HealthAnswer) => purpose !== 'root' && over === 'udp' && (type === 'MX' || (type === 'A' && verdict === 'no-domain')) && sure.includes(verdict)

const saying = ({ verdict, values }: HealthAnswer) => `${verdict} ${values.join(' ')}`

/** Servers of the same adapter are asked one for the other: their differences are the network's own affair. */
const isSibling = (a: ServerHealth, b: ServerHealth) => a.adapters.length > 0 && a.adapters.some((id) => b.adapters.includes(id))
