// The transport service from the command line: a real relay, started by need, kept, restarted, stopped.
import { createServer } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { submit } from '../../main/lab/submit.ts'
import { machine, type Machine } from './edgewise-process.ts'

let edge: Machine
beforeEach(async () => {
  edge = await machine()
})
afterEach(() => edge.end())

describe('the transport service', () => {
  it('starts, restarts in steps, stops, and says each time how it is', async () => {
    expect((await edge.run('service', 'status', '--json')).json()).toMatchObject({ service: { state: 'stopped', pid: null } })
    expect((await edge.run('service', 'start', '--json')).json()).toMatchObject({ service: { state: 'running', listening: `127.0.0.1:${edge.port}` } })
    const restarted = await edge.run('service', 'restart', '--json')
    expect(restarted.code).toBe(0)
    expect(restarted.lines().slice(0, -1).map(({ step }) => step)).toEqual(['stopping', 'stopped', 'starting', 'serving'])
    expect(restarted.json()).toEqual({ steps: expect.any(Array), downtime: expect.any(Number), service: expect.objectContaining({ state: 'running' }) })
    const { stdout } = await edge.run('service', 'restart')
    expect(stdout).toMatch(/^stopping .*\nstopped .*\nstarting .*\nserving .*\nThe transport service was restarted; it took no mail for \d/)
    expect((await edge.run('service', 'status')).stdout).toMatch(/^The transport service is running, takes mail at 127\.0\.0\.1:\d+, since /)
    expect((await edge.run('service', 'stop', '--json')).json()).toMatchObject({ service: { state: 'stopped' } })
    expect((await edge.run('service', 'status', '--json')).json()).toMatchObject({ service: { state: 'stopped' } })
  })

  it('says so where its port is taken', async () => {
    const other = createServer()
    await new Promise<void>((done) => other.listen(edge.port, '127.0.0.1', done))
    try {
      const { code, stderr } = await edge.run('service', 'start')
      expect(code).toBe(1)
      expect(stderr).toMatch(new RegExp(`^edgewise: .*${edge.port}.*\\n`))
      expect(stderr).not.toMatch(/^\s+at /m)
    } finally {
      await new Promise((done) => other.close(done))
    }
  })

  it('takes new lookups with --restart, and shows what is in effect', async () => {
    await edge.run('service', 'start')
    await edge.run('lookups', 'set', 'internal', '--adapter', 'DMZ')
    expect((await edge.run('lookups', 'show')).stdout).toContain('The saved lookups take effect with a restart')
    const ended = await edge.run('lookups', 'set', 'internal', '--adapter', 'LAN', '--restart', '--json')
    expect(ended.code).toBe(0)
    expect(ended.json()).toMatchObject({ internal: { source: { name: 'LAN' } }, change: { state: 'kept' } })
    const { server } = (await edge.run('server', '--json')).json() as { server: { restartNeeded: boolean; inEffect: { internal: { servers: string[] } } } }
    expect(server).toMatchObject({ restartNeeded: false, inEffect: { internal: { servers: ['10.0.0.10'] } } })
    expect((await edge.run('server')).stdout).toMatch(/^Internal lookups ask {2}10\.0\.0\.10$/m)
  })
})

describe('what waits', () => {
  it('is listed with its last error, and nothing where nothing waits', async () => {
    expect(await edge.run('queues')).toMatchObject({ code: 0, stdout: 'No mail waits.\n' })
    expect((await edge.run('messages', '--json')).json()).toEqual({ total: 0 })
    expect((await edge.run('messages', '--queue', 'other.test')).stdout).toBe('No mail waits for other.test.\n')
    // No adapter has DNS servers, so that nobody is asked.
    edge.adapters([{ name: 'LAN' }])
    await edge.run('service', 'restart')
    for (const to of ['alice@example.test', 'carol@example.test', 'dave@other.test'])
      await submit({ address: '127.0.0.1', port: edge.port }, { from: 'bob@edge.test', to, subject: `for ${to} \u009b31m` }, new AbortController().signal)
    await expect.poll(async () => ((await edge.run('queues', '--json')).json() as { queues: { lastError: string | null }[] }).queues.map(({ lastError }) => lastError), { timeout: 30_000 }).toEqual([expect.any(String), expect.any(String)])
    const { stdout } = await edge.run('queues')
    expect(stdout).toMatch(/^Next hop +Messages +Status +Next retry +Last error$/m)
    expect(stdout).toMatch(/^example\.test +2 +Retry .* 451 4\.4\.0 DNS query failed/m)
    const page = (await edge.run('messages', '--queue', 'example.test', '--limit', '1', '--offset', '1', '--json')).lines()
    expect(page).toMatchObject([{ message: { queue: 'example.test', recipients: ['carol@example.test'] } }, { total: 2 }])
    const listed = (await edge.run('messages', '--limit', '2')).stdout
    expect(listed).toContain('2 of 3 messages.')
    expect(listed).not.toContain('\u009b')
  })
})
