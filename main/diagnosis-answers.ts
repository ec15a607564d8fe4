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

export function diagnosisAnswers(edge: (server: ServerId) => Edge): Answers['diagnosis'] {
  const last = new Map<string, Last>()
  const keyOf = (server: ServerId, target: string) => `${server} ${target}`

  const run = async (server: ServerId, target: string, asked: Pick<Parameters<Answers['diagnosis']['run']>[1], 'signal' | 'progress'>): Promise<Diagnosis> => {
    const { diagnose } = await import('./diagnosis/diagnose.ts')
    const { world, transport } = edge(server)
    const found = await diagnose({ world, transport }, { target, signal: asked.signal, told: (value) => asked.progress(value) })
    const queues = await transport.queues().catch(() => [])
    const key = keyOf(server, target)
    last.delete(key)
    last.set(key, { diagnosis: found, queues })
    const [oldest] = last.keys()
    if (last.size > mostKept && oldest !== undefined) last.delete(oldest)
    return found
  }
  const lastOf = (server: ServerId, target: string): Last => {
    const known = last.get(keyOf(server, target))
    if (known) return known
    throw new Failure('not-found', `“${target}” was not looked at yet.`, 'Run the diagnosis first.')
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
      const after = await run(server, target, { signal, progress })
      return { ...done, moved: movedBetween(before, after), after }
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
      const found = lastOf(server, target).diagnosis.causes.flatMap(({ remedies }) => remedies).find(({ name }) => name === remedy)
      if (!found) throw new Failure('not-found', `The last diagnosis has no remedy “${remedy}”.`)
      return { files: [await saveNew(file, `${found.text}\n`)] }
    },
  }
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
