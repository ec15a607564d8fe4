// Messages that were suspended or removed by hand prove nothing of a change.
import { afterEach, expect, it } from 'vitest'
import { Changes } from '../../main/change/changes.ts'
import { verify } from '../../main/change/verify.ts'
import { worldOf } from '../../main/world/world-file.ts'
import { adapter, eventually, lookups, openStage, save, type Stage } from '../transport/stage.ts'

let stage: Stage
afterEach(() => stage?.close())
const page = { offset: 0, limit: 10 }
const doing = { signal: AbortSignal.timeout(30_000), told: () => {} }

async function waits() {
  stage = await openStage({ adapters: { DMZ: { behaviour: 'servfail' }, LAN: { behaviour: 'answer' } } })
  await save(stage.transport, lookups(adapter('DMZ')))
  await stage.transport.control('start', { signal: doing.signal })
  await stage.send('alice@example.test')
  return (await eventually(() => stage.transport.messages({}, page), ({ messages }) => messages.some(({ status }) => status === 'Retry'))).messages
}

it('a change is not waited for by what is suspended: the service’s own resolver is the proof', async () => {
  const messages = await waits()
  await stage.transport.act({ kind: 'suspend' }, { messages }, doing)
  const changes = new Changes(stage.home.folder, { world: await worldOf(stage.worldFile), transport: stage.transport })
  const change = await changes.run({ wanted: { lookups: lookups(adapter('LAN')) }, restart: true, drain: false, force: false, keep: true, by: 'a test' }, { signal: doing.signal, progress: () => {} })
  expect(change.state).toBe('kept')
  expect(change.reason).not.toMatch(/alice/)
  expect((await stage.transport.messages({}, page)).messages).toMatchObject([{ status: 'Suspended', retries: 1 }])
})

it('what was removed meanwhile is not said to have got past DNS', async () => {
  const messages = await waits()
  await stage.transport.act({ kind: 'remove', ndr: false }, { messages }, doing)
  const verdict = await verify({ transport: stage.transport, waited: messages.map(({ id }) => id), since: new Date(0).toISOString(), probed: [], names: [], asksAnew: true, signal: doing.signal })
  expect(verdict).toEqual({ kind: 'undecided', text: 'What waited is no longer in the queue, and how it left is not known.' })
})
