import { describe, expect, test, vi } from 'vitest'
import { answer, type Asking } from '../main/answer.ts'
import type { Change } from '../preload/contract/changes.ts'
import { Failure } from '../preload/contract/failure.ts'
import type { Answers } from '../preload/contract/index.ts'

const asking = (signal = new AbortController().signal): Asking & { told: unknown[] } => {
  const told: unknown[] = []
  return { signal, told, progress: (value) => told.push(value) }
}
const running = { state: 'running', pid: 1, listening: '127.0.0.1:2525', since: null, note: null } as const
const changes = (some: Partial<Answers['changes']>): Partial<Answers> => ({ changes: some as Answers['changes'] })
const change: Change = { id: '3f2a9c1e-0000-4000-8000-000000000001', kind: 'settings', began: '', by: '', words: [], diff: [], steps: [], state: 'kept', reason: null, ended: null, resumed: false }
const servers = (some: Partial<Answers['servers']>): Partial<Answers> => ({ servers: some as Answers['servers'] })

describe('what is not in the contract', () => {
  const answers = servers({ start: async () => ({ service: running }) })
  test.each([
    ['servers', 'destroy'],
    ['nowhere', 'list'],
    ['__proto__', 'toString'],
    ['servers', '__proto__'],
    ['servers', 'constructor'],
    ['constructor', 'name'],
    // An event is heard, never called.
    ['servers', 'changed'],
    // In the contract, but not answered by who asks here: the command line has no window.
    ['app', 'close'],
    ['servers', 'stop'],
  ])('%s.%s is an unknown call', async (topic, name) => {
    expect(await answer(answers, topic, name, {}, asking())).toEqual({
      ok: false,
      error: { code: 'unknown-call', message: `There is no call “${topic}.${name}”.` },
    })
  })
})

describe('input', () => {
  test('is parsed before the handler sees it, and refused with a sentence that names the field', async () => {
    const start = vi.fn()
    const result = await answer(servers({ start }), 'servers', 'start', { server: 'elsewhere' }, asking())
    expect(result).toMatchObject({ ok: false, error: { code: 'bad-input', message: expect.stringContaining('server: ') } })
    expect(start).not.toHaveBeenCalled()
  })

  test('nothing at all is refused too', async () => {
    expect(await answer(servers({ start: vi.fn() }), 'servers', 'start', undefined, asking())).toMatchObject({ error: { code: 'bad-input' } })
  })

  test('ten thousand DNS servers get one sentence', async () => {
    const lookups = { source: { kind: 'servers', servers: Array(10_000).fill('10.0.0.1') }, protocol: 'any' }
    const all = { source: { kind: 'all-adapters' }, protocol: 'any' }
    const input = { server: 'local', wanted: { lookups: { internal: lookups, external: all, useExternalForInternet: false } } }
    const result = await answer(changes({ plan: vi.fn() }), 'changes', 'plan', input, asking())
    expect(result).toMatchObject({ error: { code: 'bad-input', message: expect.stringContaining('10000 DNS servers are too many') } })
  })

  test('reaches the handler as its schema makes it, with what was left out', async () => {
    const seen = vi.fn(async () => change)
    const side = (servers: string[]) => ({ source: { kind: 'servers', servers }, protocol: 'udp' })
    const lookups = { internal: side([' 10.0.0.10:53 ']), external: side(['fd00::10']), useExternalForInternet: true }
    const input = { server: 'local', wanted: { lookups }, restart: true, more: 1 }
    expect(await answer(changes({ run: seen }), 'changes', 'run', input, asking())).toMatchObject({ ok: true })
    const wanted = { lookups: { ...lookups, internal: side(['10.0.0.10']) } }
    expect(seen.mock.calls[0]).toEqual([{ server: 'local', wanted, restart: true, drain: false, force: false, keep: false, by: 'the console' }, expect.anything()])
  })

  test('with a field that is not in a plan’s own part is refused: it would be left out without a word', async () => {
    const result = await answer(changes({ plan: vi.fn() }), 'changes', 'plan', { server: 'local', wanted: { hosts: [] } }, asking())
    expect(result).toMatchObject({ error: { code: 'bad-input', message: expect.stringContaining('hosts') } })
  })
})

describe('errors are values', () => {
  test('a Failure is told as it is', async () => {
    const start = async () => {
      throw new Failure('transport-unreachable', 'The port 2525 is taken.', 'End the other program.')
    }
    expect(await answer(servers({ start }), 'servers', 'start', { server: 'local' }, asking())).toEqual({
      ok: false,
      error: { code: 'transport-unreachable', message: 'The port 2525 is taken.', remedy: 'End the other program.' },
    })
  })

  test('anything else is reported here and told without its words', async () => {
    const secret = new Error('ENOENT: /home/ana/secret')
    const report = vi.fn()
    const start = async () => {
      throw secret
    }
    const result = await answer(servers({ start }), 'servers', 'start', { server: 'local' }, asking(), report)
    expect(result).toMatchObject({ ok: false, error: { code: 'failed' } })
    expect(JSON.stringify(result)).not.toContain('secret')
    expect(report).toHaveBeenCalledWith('servers.start failed:', secret)
  })

  test('a handler that throws at once, before it has a promise, is no different', async () => {
    const start = () => {
      throw new Failure('failed', 'At once.')
    }
    expect(await answer(servers({ start }), 'servers', 'start', { server: 'local' }, asking())).toMatchObject({ error: { message: 'At once.' } })
  })

  test('an answer of the wrong form is a fault of ours', async () => {
    const report = vi.fn()
    const start = async () => ({ service: { ...running, state: 'on fire' as 'running' } })
    expect(await answer(servers({ start }), 'servers', 'start', { server: 'local' }, asking(), report)).toMatchObject({ error: { code: 'failed' } })
    expect(report).toHaveBeenCalledOnce()
  })

  test('what ends because it was cancelled says so', async () => {
    const controller = new AbortController()
    const start = async (_: unknown, { signal }: { signal: AbortSignal }) => {
      controller.abort()
      signal.throwIfAborted()
      return { service: running }
    }
    expect(await answer(servers({ start }), 'servers', 'start', { server: 'local' }, asking(controller.signal))).toMatchObject({ error: { code: 'cancelled' } })
  })
})

describe('progress', () => {
  const restart: Answers['servers']['restart'] = async (_, { progress }) => {
    progress({ step: 'stopping', at: 0 })
    progress({ step: 'melting' as 'stopped', at: 1 })
    progress({ step: 'stopped', at: 2 })
    return { steps: [], downtime: 2, service: running }
  }

  test('is parsed; what is malformed is left out and reported, and the work goes on', async () => {
    const report = vi.fn()
    const asked = asking()
    expect(await answer(servers({ restart }), 'servers', 'restart', { server: 'local' }, asked, report)).toMatchObject({ ok: true })
    expect(asked.told).toEqual([
      { step: 'stopping', at: 0 },
      { step: 'stopped', at: 2 },
    ])
    expect(report).toHaveBeenCalledOnce()
  })

  test('is not told to who has cancelled', async () => {
    const asked = asking(AbortSignal.abort())
    await answer(servers({ restart }), 'servers', 'restart', { server: 'local' }, asked, vi.fn())
    expect(asked.told).toEqual([])
  })
})
