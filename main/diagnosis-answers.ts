// What is asked about the diagnosis: run it, carry a remedy out and look again, the egress address, the report and its files.
import { rm } from 'node:fs/promises'
import type { Answers } from '../preload/contract/index.ts'
import { movedBetween, type Diagnosis } from '../preload/contract/diagnosis.ts'
import type { ServerId } from '../preload/contract/server-id.ts'
import { Failure } from '../preload/contract/failure.ts'
import type { Edge } from './edgewise.ts'
import { saveNew } from './saved.ts'

interface Last {
  diagnosis: Diagnosis
  queues: unknown
}

/** Targets whose last diagnosis is kept, for its remedies and its report. */
const mostKept = 16

/** By target. They end with their edge server: that of the next rehearsal is another. */
const kept = new WeakMap<Edge, Map<string, Last>>()

/** The last diagnosis of each target, the latest last. */
export const diagnosesOf = (edge: Edge): Diagnosis[] => [...(kept.get(edge)?.values() ?? [])].map(({ diagnosis }) => diagnosis)

export function diagnosisAnswers(edge: (server: ServerId) => Edge): Answers['diagnosis'] {
  const run = async (server: ServerId, target: string, asked: Pick<Parameters<Answers['diagnosis']['run']>[1], 'signal' | 'progress'>): Promise<Diagnosis> => {
    const { diagnose } = await import('./diagnosis/diagnose.ts')
    const asking = edge(server)
    const { world, transport } = asking
    const found = await diagnose({ world, transport }, { target, signal: asked.signal, told: (value) => asked.progress(value) })
    const queues = await transport.queues().catch(() => [])
    const last = kept.get(asking) ?? new Map<string, Last>()
    kept.set(asking, last)
    last.delete(target)
    last.set(target, { diagnosis: found, queues })
    const [oldest] = last.keys()
    if (last.size > mostKept && oldest !== undefined) last.delete(oldest)
    return found
  }
  const lastOf = (server: ServerId, target: string): Last => {
    const known = kept.get(edge(server))?.get(target)
    if (known) return known
    throw new Failure('not-found', `“${target}” was not looked at yet.`, 'Run the diagnosis first.')
  }

  /** A message that left the queue meanwhile is looked at by what is known of its end; where nothing is, by its domains. */
  const lookAgain = async (server: ServerId, { target, domains }: Diagnosis, asked: Parameters<typeof run>[2]): Promise<{ after: Diagnosis; left: string[] }> => {
    const ended = await endOf(edge(server), target)
    try {
      return { after: await run(server, target, asked), left: ended === null ? [] : [ended] }
    } catch (error) {
      const [domain] = domains
      if (!(error instanceof Failure) || error.code !== 'not-found' || domain === undefined) throw error
      return { after: await run(server, domain, asked), left: [ended ?? `Message ${target} left the queue; how it ended is told by what was done.`] }
    }
  }

  const report = async (server: ServerId, target: string) => {
    const { reportOf } = await import('./diagnosis/report.ts')
    const { diagnosis, queues } = lastOf(server, target)
    const { transport } = edge(server)
    return reportOf(diagnosis, { properties: await transport.properties(), before: queues, after: await transport.queues().catch(() => []) })
  }

  return {
    run: ({ server, target }, asked) => run(server, target, asked),
    cure: async ({ server, target, remedy: name, by }, { signal, progress }) => {
      const { diagnosis: before } = lastOf(server, target)
      const { carryOut, remedyIn } = await import('./cure.ts')
      const remedy = remedyIn(before, name)
      const done = await carryOut(edge(server), remedy, { target: before, by, signal, progress })
      const { after, left } = await lookAgain(server, before, { signal, progress })
      return { ...done, moved: [...left, ...movedBetween(before, after)], after }
    },
    egress: ({ server }) => egress(edge(server)),
    setEgress: async ({ server, address }) => {
      const { giveEgress } = await import('./diagnosis/egress.ts')
      await giveEgress((await edge(server).transport.properties()).home, address)
      return egress(edge(server))
    },
    report: ({ server, target }) => report(server, target),
    save: async ({ server, target, remedy, file }) => {
      if (remedy === null) return { files: await saveReport(await report(server, target), file) }
      const found = lastOf(server, target).diagnosis.causes.flatMap(({ remedies }) => remedies).find(({ name, title }) => name === remedy.name && title === remedy.title)
      if (!found) throw new Failure('not-found', `The last diagnosis has no remedy “${remedy.name}” by the title “${remedy.title}”.`)
      return { files: [await saveNew(file, `${found.text}\n`)] }
    },
  }
}

const endWords = { delivered: 'was delivered', returned: 'was returned to its sender', removed: 'was removed' } as const

/** Null for what is no message, or waits still. */
async function endOf({ transport }: Edge, target: string): Promise<string | null> {
  if (target === '*' || target.includes('@')) return null
  const [message] = await transport.messages({ ids: [target], brief: true }, { offset: 0, limit: 1 }).then(({ messages }) => messages, () => [])
  return message?.end ? `Message ${target} ${endWords[message.end.how]}${message.end.text ? `: ${message.end.text.replace(/\.$/, '')}` : ''}.` : null
}

async function egress({ world, transport }: Edge) {
  const { egressOf } = await import('./diagnosis/egress.ts')
  const [{ home }, adapters] = await Promise.all([transport.properties(), world.adapters()])
  return egressOf(home, world, adapters)
}

/** Side by side, with one name; both or none. */
async function saveReport({ html, json }: { html: string; json: string }, file: string): Promise<string[]> {
  const base = file.replace(/\.(?:html?|json)$/i, '')
  const page = await saveNew(`${base}.html`, html)
  try {
    return [page, await saveNew(`${base}.json`, json)]
  } catch (error) {
    await rm(page, { force: true })
    throw error
  }
}
