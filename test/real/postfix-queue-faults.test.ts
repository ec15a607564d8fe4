// What goes wrong with a real Postfix's queue, and that nothing is lost by it.
import { execFile } from 'node:child_process'
import { mkdir, readdir, readFile, rename, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { removedIn } from '../../main/transport/removals.ts'
import { eventually } from '../transport/stage.ts'
import { whyNoPostfix } from './postfix-instance.ts'
import { openQueueStage, target, type QueueStage } from './postfix-queue-stage.ts'

const run = promisify(execFile)
const here = whyNoPostfix() === null
let stage: QueueStage
beforeEach(async () => {
  if (here) stage = await openQueueStage('enable_long_queue_ids = yes\n')
}, 60_000)
afterEach(async () => {
  if (here) await stage.close()
}, 30_000)

describe.runIf(here)('A real Postfix', { timeout: 60_000 }, () => {
  it('that is stopped still shows its queue to an administrator, with the next attempts', async () => {
    const { id, nextRetry } = await stage.send(['ann@ours.test'])
    expect(nextRetry).not.toBeNull()
    await stage.postfix.postfix('stop')
    const later = await stage.open()
    expect((await later.messages({}, { offset: 0, limit: 10 })).messages).toMatchObject([{ id, nextRetry }])
  })

  it('whose log cannot be read says so, and its queue tells the last attempt', async () => {
    const { id } = await stage.send(['ann@ours.test'])
    await rename(stage.postfix.log, `${stage.postfix.log}.away`)
    const blind = await stage.open()
    expect(await blind.logProblem()).toContain('cannot be read')
    expect((await blind.messages({ ids: [id] }, { offset: 0, limit: 1 })).messages).toMatchObject([{ id, retries: 1, attempts: [{ stage: 'connect', error: expect.stringContaining('refused') }] }])
  })

  it('is followed across the rotation of its log', async () => {
    const { id } = await stage.send(['ann@ours.test'])
    await rename(stage.postfix.log, `${stage.postfix.log}.1`)
    await stage.postfix.postfix('reload')
    await stage.answer(() => null)
    await stage.postfix.program('postqueue', '-i', id)
    await eventually(async () => (await stage.queues.messages({ ids: [id] }, { offset: 0, limit: 1 })).messages[0]?.end?.how, (how) => how === 'delivered')
  })

  it('with a damaged queue file tells that message, and the others as ever', async () => {
    const [bad, good] = [await stage.send(['ann@ours.test']), await stage.send(['ann@ours.test'])]
    const file = (await run('find', [join(stage.postfix.queueDir, 'deferred'), '-name', bad.id])).stdout.trim()
    await truncate(file, 200)
    await stage.postfix.program('postqueue', '-i', bad.id)
    await eventually(async () => (await readdir(join(stage.postfix.queueDir, 'corrupt'))).length, (count) => count === 1)
    const ended = await eventually(async () => (await stage.queues.messages({ ids: [bad.id] }, { offset: 0, limit: 1 })).messages[0]?.end, (end) => end !== null)
    expect(ended?.text).toContain('damaged')
    expect((await stage.all()).map(({ id }) => id)).toEqual([good.id])
  })

  it('keeps every message for whose copy there is no room', async () => {
    const message = await stage.send(['ann@ours.test'], { text: `Subject: Large\n\n${`${'x'.repeat(70)}\n`.repeat(3_000)}` })
    const removed = removedIn(stage.home)
    await mkdir(removed, { recursive: true })
    await run('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', removed])
    const { rows, removal } = await stage.act({ kind: 'remove', ndr: false }, { messages: [target(message)] })
    expect(rows).toMatchObject([{ id: message.id, outcome: 'failed', text: expect.stringMatching(/stays in the queue.*(full|space)/i) }])
    expect(await stage.all()).toMatchObject([{ id: message.id, status: expect.stringMatching(/Retry|Active/) }])
    expect(await readdir(join(removed, removal ?? '')).catch(() => [])).toEqual([])
  })

  it('is not touched for an id that is another message’s now', async () => {
    const message = await stage.send(['ann@ours.test'])
    const chosen = { ...target(message), received: new Date(Date.parse(message.received) - 60_000).toISOString() }
    for (const deed of [{ kind: 'remove', ndr: false }, { kind: 'suspend' }, { kind: 'retry' }] as const) {
      expect((await stage.act(deed, { messages: [chosen] })).rows).toMatchObject([{ outcome: 'gone', text: expect.stringContaining('another message') }])
    }
    expect(await stage.all()).toMatchObject([{ id: message.id, status: 'Retry' }])
  })

  it('gets back what a removal held that was killed; what it had taken out can be put back', async () => {
    const [left, taken] = [await stage.send(['ann@ours.test']), await stage.send(['eve@sender.test'])]
    const { removal } = await stage.act({ kind: 'remove', ndr: false }, { messages: [target(taken)] })
    const folder = join(removedIn(stage.home), removal ?? '')
    // As it lies when the process dies between Postfix’s deleting and our saying so, the other one still on hold.
    await rename(join(folder, taken.id), join(folder, `${taken.id}.tmp`))
    await stage.postfix.program('postsuper', '-h', left.id)
    await writeFile(join(folder, `${left.id}.tmp`), 'a copy')
    await writeFile(join(folder, `${left.id}.attempts.json`), JSON.stringify({ from: left.from, received: left.received, suspended: false, attempts: [], more: {} }))
    await mkdir(join(stage.home, 'held'), { recursive: true })
    await writeFile(join(stage.home, 'held', '4194305-1.json'), JSON.stringify({ ids: [left.id, taken.id], folder }))
    const next = await stage.open()
    await eventually(async () => (await next.messages({}, { offset: 0, limit: 10 })).messages, (all) => all.length === 1 && all[0]?.id === left.id && all[0].status !== 'Suspended')
    expect(await readdir(join(stage.home, 'held'))).toEqual([])
    expect((await readdir(folder)).filter((name) => !name.includes('.'))).toEqual([taken.id])
    // A long id is kept.
    expect((await stage.act({ kind: 'put-back', removal: removal ?? '' }, { messages: [] })).rows).toMatchObject([{ id: taken.id, outcome: 'put-back', text: 'It is tried now.' }])
    expect((await stage.all()).map(({ id }) => id).sort()).toEqual([left.id, taken.id].sort())
    expect(await readFile(stage.postfix.log, 'utf8')).not.toContain('corrupt')
  })
})
