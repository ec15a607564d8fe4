// A listing that is cut, and one with members of a later Postfix.
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { whyNoPostfix } from './postfix-instance.ts'
import { openQueueStage, type QueueStage } from './postfix-queue-stage.ts'

const why = whyNoPostfix()
const path = process.env['PATH'] ?? ''
const page = { offset: 0, limit: 10 }

describe.skipIf(why !== null)(`A real Postfix’s queue${why === null ? '' : ` (${why})`}`, { timeout: 60_000 }, () => {
  let stage: QueueStage
  beforeEach(async () => void (stage = await openQueueStage()), 60_000)
  afterEach(async () => {
    process.env['PATH'] = path
    await stage?.close()
  }, 30_000)

  /** The real program is run, and what it prints goes through this. */
  async function listedThrough(script: string): Promise<void> {
    const folder = join(stage.postfix.folder, 'programs')
    await mkdir(folder)
    await writeFile(join(folder, 'postqueue'), `#!/bin/sh\n/usr/sbin/postqueue "$@" | ${script}\n`)
    await chmod(join(folder, 'postqueue'), 0o755)
    process.env['PATH'] = `${folder}${delimiter}${path}`
  }

  it('that is cut in the middle of a line is a fault, not a shorter queue', async () => {
    await stage.send(['ann@ours.test'])
    await listedThrough('head -c 60\nkill -KILL $$')
    const other = await stage.open()
    await expect(other.messages({}, page)).rejects.toThrow('postqueue')
    process.env['PATH'] = path
    expect((await other.messages({}, page)).total).toBe(1)
  })

  it('tells what a later Postfix lists beside what is known, in the list as well', async () => {
    await stage.send(['ann@ours.test'])
    await listedThrough(`sed 's/{"queue_name"/{"later": {"a": 1}, "queue_name"/'`)
    const { messages } = await (await stage.open()).messages({}, page)
    expect(messages).toMatchObject([{ more: { later: '{"a":1}' } }])
  })
})
