// The incident on a real Postfix from the command line: mail waits, the other adapter is chosen, it is delivered.
import { readFile } from 'node:fs/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { run } from '../cli/edgewise-process.ts'
import { eventually } from '../transport/stage.ts'
import { later } from '../transport/suite/stage.ts'
import { onPostfix } from './on-postfix.ts'
import type { PostfixStage } from './postfix-stage.ts'

onPostfix('a real Postfix, on the command line', (stages) => {
  let stage: PostfixStage
  beforeEach(async () => void (stage = await stages().stage()))
  afterEach(() => stage?.close())
  const edgewise = (...words: string[]) => run([...words, ...stage.flags, '--json'])
  const listed = async () => (await edgewise('messages')).lines().flatMap(({ message }) => (message ? [message as { id: string; lastError: string | null }] : []))
  const waits = () => eventually(listed, ([message]) => message?.lastError != null)

  it('is told, cured and proven', { timeout: 60_000 }, async () => {
    expect((await edgewise('lookups', 'set', 'internal', '--adapter', 'DMZ')).code).toBe(0)
    expect((await edgewise('service', 'start')).json()).toMatchObject({ service: { state: 'running' } })
    await stage.send('alice@example.test')
    const messages = await waits()
    expect(messages).toMatchObject([{ queue: 'example.test', status: 'Retry', reason: 'dns-failure', lastError: expect.stringContaining('Name service error for name=example.test'), explained: expect.objectContaining({}) }])
    expect((await edgewise('queues')).json()).toMatchObject({ queues: [{ nextHop: 'example.test', messages: 1 }] })
    const written = await readFile(stage.instance.mainCf)

    const wrong = await edgewise('lookups', 'set', 'internal', '--adapter', 'OLD', '--restart')
    expect({ code: wrong.code, ended: wrong.json() }).toMatchObject({ code: 5, ended: { change: { state: 'rolled back' } } })
    expect((await readFile(stage.instance.mainCf)).equals(written)).toBe(true)
    expect((await edgewise('lookups', 'set', 'internal', '--adapter', 'DEAD', '--restart')).code).toBe(1)

    const cured = await edgewise('lookups', 'set', 'internal', '--adapter', 'LAN', '--restart')
    expect({ code: cured.code, ended: cured.json() }).toMatchObject({ code: 0, ended: { change: { state: 'kept', reason: expect.stringContaining('that waited was delivered') } } })
    expect(stage.arrived.map(({ to }) => to)).toEqual([['alice@example.test']])
    expect((await edgewise('lookups', 'show')).json()).toMatchObject({ internal: { source: { name: 'LAN' } } })
    expect((await edgewise('queues')).json()).toEqual({ queues: [] })
    expect((await edgewise('service', 'stop')).json()).toMatchObject({ service: { state: 'stopped' } })
  })

  it('retries what was chosen', { timeout: 60_000 }, async () => {
    stage.destination.answer = () => later
    await edgewise('service', 'start')
    await stage.send('carol@ours.test')
    const messages = await waits()
    const id = messages[0]?.id ?? ''
    expect((await edgewise('message', 'retry', id)).json()).toMatchObject({ counts: { deferred: 1 } })
    stage.destination.answer = () => null
    expect((await edgewise('queue', 'retry', 'ours.test')).json()).toMatchObject({ counts: { sent: 1 } })
    expect(stage.arrived).toHaveLength(1)
    expect(await listed()).toEqual([])
  })
})
