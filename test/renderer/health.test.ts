// What is known of the DNS servers while they are asked, and how a round of questions begins and ends.
import { expect, test, vi } from 'vitest'
import { Failure } from '../../preload/contract/failure.ts'
import type { ServerHealth } from '../../preload/contract/health.ts'
import { begun, markOf, nothingKnown, roundOf, shownHealth, type Health } from '../../renderer/properties/health.ts'
import { askHealth } from '../../renderer/properties/asking.ts'
import { doubleMain } from '../contract-main.ts'
import { dmz, healthOf, lan, unplugged } from './story.ts'

// The view's modules expect the preload's work to be there.
vi.hoisted(() => void vi.stubGlobal('window', { edgewise: {} }))

const good = healthOf('10.0.0.10')
const silent = healthOf('192.0.2.53', { state: 'silent', ms: null, text: 'does not answer' })
const udpSilent = { kind: 'udp-silent', text: 'does not answer over UDP' } as const
const differs = { kind: 'differs', text: 'says that corp.test does not exist; 10.0.0.10 answers corp.test MX' } as const

/** Main in memory: told what it is to tell, and when it is to end. */
function stage() {
  const asked: { tell(one: ServerHealth): void; end(health: ServerHealth[]): void; fail(failure: Failure): void; signal: AbortSignal }[] = []
  const { api } = doubleMain({
    adapters: {
      health: (_, { progress, signal }) =>
        new Promise((resolve, reject) => asked.push({ tell: progress, end: (health) => resolve({ health }), fail: reject, signal })),
    },
  })
  let health: Health = nothingKnown
  const ask = () => askHealth((tell) => api.adapters.health({ server: 'local', servers: ['10.0.0.10'] }, tell), (change) => (health = change(health)))
  return { asked, ask, now: () => health }
}

test('each server is shown as soon as it is known, whatever the others do', async () => {
  const { asked, ask, now } = stage()
  ask()
  await vi.waitFor(() => expect(asked).toHaveLength(1))
  expect(shownHealth(now(), '10.0.0.10')).toEqual({ mark: 'asking', text: 'asking…', notes: [] })
  asked[0]!.tell(good)
  await vi.waitFor(() => expect(shownHealth(now(), '10.0.0.10')).toEqual({ mark: 'well', text: 'answers, 2 ms', notes: [] }))
  expect(shownHealth(now(), '192.0.2.53').mark).toBe('asking')
  expect(now()).toMatchObject({ isAsking: true, outcome: '' })

  asked[0]!.end([{ ...good, notes: [differs] }, silent])
  await vi.waitFor(() => expect(now()).toMatchObject({ isAsking: false, outcome: '2 DNS servers asked: 1 with faults, 1 unusable.' }))
  expect(shownHealth(now(), '10.0.0.10')).toEqual({ mark: 'faulty', text: 'answers, 2 ms', notes: [differs.text] })
  expect(shownHealth(now(), '192.0.2.53')).toEqual({ mark: 'useless', text: 'does not answer', notes: [] })
})

test('what was known stays until it is known anew; what is asked no more is forgotten', async () => {
  const { asked, ask, now } = stage()
  ask()
  await vi.waitFor(() => expect(asked).toHaveLength(1))
  asked[0]!.end([good, silent])
  await vi.waitFor(() => expect(now().isAsking).toBe(false))
  ask()
  expect(shownHealth(now(), '10.0.0.10').text).toBe('answers, 2 ms')
  expect(now()).toMatchObject({ isAsking: true, outcome: '2 DNS servers asked: 1 in order, 1 unusable.' })
  await vi.waitFor(() => expect(asked).toHaveLength(2))
  asked[1]!.end([good])
  await vi.waitFor(() => expect(now().outcome).toBe('1 DNS server asked: 1 in order.'))
  expect(shownHealth(now(), '192.0.2.53')).toEqual({ mark: 'unknown', text: 'not asked', notes: [] })
})

test('cancelled, main is told so, and nothing more is heard of that round', async () => {
  const { asked, ask, now } = stage()
  const cancel = ask()
  await vi.waitFor(() => expect(asked).toHaveLength(1))
  cancel()
  expect(asked[0]!.signal.aborted).toBe(true)
  const before = now()
  asked[0]!.end([good])
  await new Promise((resolve) => setTimeout(resolve, 0))
  expect(now()).toBe(before)
})

test('where nobody could be asked, nothing stays that may no longer be so', async () => {
  const { asked, ask, now } = stage()
  ask()
  await vi.waitFor(() => expect(asked).toHaveLength(1))
  asked[0]!.tell(good)
  asked[0]!.fail(new Failure('not-found', 'No rehearsal is open.'))
  await vi.waitFor(() => expect(now()).toMatchObject({ isAsking: false, failure: { message: 'No rehearsal is open.' } }))
  expect(shownHealth(now(), '10.0.0.10').mark).toBe('unknown')
  expect(begun(now()).failure).toBeNull()
})

test.each([
  ['well', good],
  ['faulty', healthOf('a', { notes: [differs] })],
  ['faulty', healthOf('a', { state: 'partly', notes: [udpSilent], text: udpSilent.text })],
  ['useless', silent],
  ['useless', healthOf('a', { state: 'refuses' })],
  ['unknown', healthOf('a', { state: 'cancelled' })],
] as const)('%s', (mark, health) => {
  expect(markOf(health)).toBe(mark)
})

test('a fault that is the whole text is not said twice', () => {
  const known = new Map([['a', healthOf('a', { state: 'partly', notes: [udpSilent, differs], text: udpSilent.text })]])
  expect(shownHealth({ ...nothingKnown, known }, 'a')).toEqual({ mark: 'faulty', text: udpSilent.text, notes: [differs.text] })
})

test('another order, another name or an adapter that is not up makes no new round; servers and ways out do', () => {
  const round = roundOf([lan, dmz], ['10.0.0.1', '10.0.0.2'])
  expect(roundOf([{ ...lan, name: 'Local Area Connection' }, dmz, unplugged], ['10.0.0.2', '10.0.0.1'])).toBe(round)
  expect(roundOf([lan, dmz], ['10.0.0.1'])).not.toBe(round)
  expect(roundOf([lan, { ...dmz, dnsServers: ['203.0.113.99'] }], ['10.0.0.1', '10.0.0.2'])).not.toBe(round)
  expect(roundOf([lan, { ...dmz, gateways: ['203.0.113.1'] }], ['10.0.0.1', '10.0.0.2'])).not.toBe(round)
  expect(roundOf([lan, { ...dmz, state: 'disconnected' }], ['10.0.0.1', '10.0.0.2'])).not.toBe(round)
})
