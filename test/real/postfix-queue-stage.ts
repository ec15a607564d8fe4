// A Postfix of the test's own with messages in its queue, and the destination of its accepted domains.
import { execFile } from 'node:child_process'
import { appendFile, mkdir } from 'node:fs/promises'
import { once } from 'node:events'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { SMTPServer } from 'smtp-server'
import type { Message } from '../../preload/contract/queues.ts'
import { openInstance as readInstance } from '../../main/transport/postfix/instance.ts'
import { PostfixQueues } from '../../main/transport/postfix/queues.ts'
import type { Deed, Target, Targets } from '../../main/transport/transport.ts'
import { eventually } from '../transport/stage.ts'
import { openInstance, type Instance } from './postfix-instance.ts'

const run = promisify(execFile)

export interface QueueStage {
  postfix: Instance
  queues: PostfixQueues
  home: string
  arrived: { from: string; to: string[]; text: string }[]
  open(): Promise<PostfixQueues>
  /** By sendmail, so that it needs no connection; answers with its id once it waits after its first attempt. */
  send(to: string[], how?: { from?: string; text?: string | Buffer }): Promise<Message>
  all(): Promise<Message[]>
  act(deed: Deed, targets: Targets): Promise<{ rows: { id: string; outcome: string; text: string }[]; removal: string | null }>
  /** From here on the destination answers each recipient so; it is not there before. */
  answer(judge: (recipient: string) => { code: number; text: string } | null): Promise<void>
  close(): Promise<void>
}

export async function openQueueStage(settings = ''): Promise<QueueStage> {
  const postfix = await openInstance()
  const home = join(postfix.folder, 'home')
  await mkdir(home)
  // Each of their transports is an own host, so that no attempt of one holds the other's back.
  await appendFile(postfix.mainCf, `minimal_backoff_time = 1000s\n${settings}`)
  await postfix.postfix('start')
  const opened: PostfixQueues[] = []
  let server: SMTPServer | null = null
  const arrived: QueueStage['arrived'] = []
  const open = async () => {
    const instance = await readInstance(postfix.configDir, AbortSignal.timeout(10_000))
    const queues = new PostfixQueues({ instance: async () => instance, home })
    opened.push(queues)
    return queues
  }
  const queues = await open()
  const all = async () => (await queues.messages({}, { offset: 0, limit: 1_000 })).messages
  return {
    postfix, queues, home, arrived, open, all,
    async send(to, { from = 'bob@sender.test', text = 'Subject: Hello\n\ntext\n' } = {}) {
      const before = new Set((await all()).map(({ id }) => id))
      const child = run('/usr/sbin/sendmail', ['-i', '-f', from, '--', ...to], { env: { ...process.env, MAIL_CONFIG: postfix.configDir } })
      child.child.stdin?.end(text)
      await child
      return eventually(async () => (await all()).find(({ id, lastError, status }) => !before.has(id) && lastError !== null && status === 'Retry') as Message, (message) => message !== undefined)
    },
    async act(deed, targets) {
      const rows: { id: string; outcome: string; text: string }[] = []
      const { removal } = await queues.act(deed, targets, { signal: AbortSignal.timeout(60_000), told: (more) => rows.push(...more) })
      return { rows, removal }
    },
    async answer(judge) {
      server = new SMTPServer({
        disabledCommands: ['AUTH', 'STARTTLS'], disableReverseLookup: true, logger: false, closeTimeout: 1,
        onRcptTo: ({ address }, _session, done) => {
          const refusal = judge(address)
          done(refusal && Object.assign(new Error(refusal.text), { responseCode: refusal.code }))
        },
        onData: (stream, { envelope }, done) => {
          const chunks: Buffer[] = []
          stream.on('data', (chunk: Buffer) => chunks.push(chunk))
          stream.on('end', () => {
            arrived.push({ from: envelope.mailFrom ? envelope.mailFrom.address : '', to: envelope.rcptTo.map(({ address }) => address), text: Buffer.concat(chunks).toString('latin1') })
            done()
          })
        },
      })
      server.listen(25, postfix.at(25))
      await once(server.server, 'listening')
    },
    async close() {
      for (const one of opened) await one.close()
      const open = server
      if (open) await new Promise<void>((done) => open.close(() => done()))
      await postfix.end()
    },
  }
}

export const target = ({ id, from, received }: Message): Target => ({ id, from, received })
