// Stages on one real Postfix: DNS servers at port 53 and a destination at port 25 of its own block of loopback, its
// settings and queue as they were at first for each test.
import { once } from 'node:events'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openDnsServer } from '../../main/lab/dns.ts'
import type { Behaviour } from '../../main/lab/scenario.ts'
import { PostfixTransport } from '../../main/transport/postfix/postfix.ts'
import { worldOf } from '../../main/world/world-file.ts'
import { destination as openDestination, eventually, type Mail, record, sendTo } from '../transport/stage.ts'
import type { AdapterName, TransportStage } from '../transport/suite/stage.ts'
import { type Instance, openInstance } from './postfix-instance.ts'

const behaviours: Record<AdapterName, Behaviour | null> = { LAN: 'answer', DMZ: 'servfail', OLD: 'refused', DEAD: null }
const lastNumbers: Record<AdapterName, number> = { LAN: 10, DMZ: 20, OLD: 30, DEAD: 40 }

export interface PostfixStage extends TransportStage {
  instance: Instance
  transport: PostfixTransport
  open(): Promise<PostfixTransport>
  worldFile: string
}

export interface PostfixStages {
  instance: Instance
  /** Not before the one before was closed. */
  stage(): Promise<PostfixStage>
  end(): Promise<void>
}

export async function openPostfixStages(): Promise<PostfixStages> {
  const ends: (() => Promise<unknown>)[] = []
  const end = async () => {
    for (const one of ends.splice(0).reverse()) await one()
  }
  try {
    const instance = await openInstance()
    ends.push(instance.end)
    const answering: { answer: TransportStage['destination']['answer'] } = { answer: () => null }
    const arrived: Mail[] = []
    const mailHost = openDestination((recipient) => answering.answer(recipient), arrived)
    mailHost.listen(25, instance.at(25))
    await once(mailHost.server, 'listening')
    ends.push(() => new Promise<void>((done) => mailHost.close(() => done())))
    const zone = ['. NS a.root.test', 'example.test MX 10 mail.example.test', `mail.example.test A ${instance.at(25)}`].map(record)
    for (const [name, behaviour] of Object.entries(behaviours)) {
      if (behaviour === null) continue
      const server = await openDnsServer(behaviour, zone, { at: { address: instance.at(lastNumbers[name as AdapterName]), port: 53 } })
      ends.push(server.stop)
    }
    const worldFile = join(instance.folder, 'world.json')
    const adapters = Object.entries(lastNumbers).map(([name, last]) => ({ name, addresses: [`${instance.at(last - 1)}/24`], dnsServers: [instance.at(last)] }))
    await writeFile(worldFile, JSON.stringify({ adapters, hostsFile: join(instance.folder, 'hosts') }))
    await writeFile(join(instance.folder, 'hosts'), '127.0.0.1 localhost\n')
    const first = { main: await readFile(instance.mainCf), master: await readFile(instance.masterCf) }
    let number = 0
    return {
      instance,
      end,
      async stage() {
        await asAtFirst(instance, first)
        arrived.length = 0
        answering.answer = () => null
        return openStage({ instance, worldFile, arrived, destination: answering, folder: join(instance.folder, `test-${number++}`) })
      },
    }
  } catch (error) {
    await end()
    throw error
  }
}

/** What the next test must not see of the last one. */
async function asAtFirst(instance: Instance, { main, master }: { main: Buffer; master: Buffer }): Promise<void> {
  await instance.kill()
  await writeFile(instance.mainCf, main)
  await writeFile(instance.masterCf, master)
  await rm(instance.lookupsFile, { force: true })
  // Not by postsuper, which keeps a log of each.
  for (const name of await readdir(instance.queueDir)) if (queueFolders.has(name)) await emptied(join(instance.queueDir, name))
  await rm(instance.log, { force: true })
}

const queueFolders = new Set(['active', 'bounce', 'corrupt', 'defer', 'deferred', 'flush', 'hold', 'incoming', 'maildrop', 'saved', 'trace'])

/** The folders stay, which are Postfix's own users'. */
async function emptied(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) if (!entry.isDirectory()) await rm(join(entry.parentPath, entry.name), { force: true })
}

interface Around extends Pick<PostfixStage, 'instance' | 'worldFile' | 'arrived' | 'destination' | 'folder'> {}

async function openStage({ instance, folder, ...around }: Around): Promise<PostfixStage> {
  const { mainCf, lookupsFile, configDir } = instance
  const cliHome = join(folder, 'home')
  // As edge-servers.ts has it: a journal for each instance.
  const home = join(cliHome, 'postfix', encodeURIComponent(configDir))
  await mkdir(home, { recursive: true })
  const transports: PostfixTransport[] = []
  const world = () => worldOf(around.worldFile)
  const open = async () => {
    const transport = new PostfixTransport({ configDir, home, world: await world() })
    transports.push(transport)
    return transport
  }
  return {
    ...around,
    instance,
    folder,
    home,
    world,
    open,
    transport: await open(),
    flags: ['--transport', 'postfix', '--config-dir', configDir, '--home', cliHome, '--world', around.worldFile],
    pidFile: instance.pidFile,
    server: (adapter) => instance.at(lastNumbers[adapter]),
    send: (to, from) => sendTo(instance.port, [to].flat(), 'Hello', 'text', { address: instance.address, from }),
    settings: async () => [await readFile(mainCf, 'utf8'), await readFile(lookupsFile, 'utf8').catch(() => '')].join('\n—\n'),
    edit: async () => writeFile(mainCf, `${await readFile(mainCf, 'utf8')}# by hand\n`),
    limit: { name: 'maximal_backoff_time', value: '600s', bad: 'soon' },
    close: async () => {
      for (const transport of transports) await transport.close()
    },
  }
}

/** The lines of the log, once it says so. */
export const logSays = (instance: Instance, what: RegExp): Promise<string> =>
  eventually(() => readFile(instance.log, 'utf8').catch(() => ''), (text) => what.test(text))
