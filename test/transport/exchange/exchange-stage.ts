// An Exchange for tests of its transport: the double as its shell, in a world of real DNS servers.
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ExchangeTransport } from '../../../main/transport/exchange/exchange.ts'
import { openShell } from '../../../main/transport/exchange/shell.ts'
import { worldOf } from '../../../main/world/world-file.ts'
import { openStage } from '../stage.ts'
import { all, soon, type TransportStage } from '../suite/stage.ts'

export const servers = { LAN: '10.0.0.53', DMZ: '10.0.1.53', OLD: '10.0.2.53', DEAD: '10.0.3.53' }
const zone = ['. NS a.root.test', 'example.test MX 10 mail.example.test', 'mail.example.test A 198.51.100.25']
const connector = { Name: null, Enabled: true, SmartHosts: [], UseExternalDNSServersEnabled: false, WhenChanged: '2026-11-01T10:00:00.0000000Z' }

export type State = Record<string, unknown>

export async function openExchange(domains = ['ours.test']) {
  const stage = await openStage({ adapters: { LAN: { behaviour: 'answer', zone }, DMZ: { behaviour: 'servfail' } } })
  const stateFile = join(stage.folder, 'exchange.json')
  const state = (): State => JSON.parse(readFileSync(stateFile, 'utf8'))
  /** As somebody else does who manages the same Exchange. */
  const set = (more: State) => {
    writeFileSync(`${stateFile}.test`, JSON.stringify({ ...state(), ...more }))
    renameSync(`${stateFile}.test`, stateFile)
  }
  writeFileSync(
    stateFile,
    JSON.stringify({
      delivers: { adapters: ['lan'], servers: [servers.LAN] },
      domains: domains.map((DomainName) => ({ Name: DomainName, DomainName, DomainType: 'Authoritative', Default: false })),
      connectors: [
        { ...connector, Identity: 'Internet', AddressSpaces: ['smtp:*;100'] },
        { ...connector, Identity: 'Inbound', AddressSpaces: ['smtp:--;1'], SmartHosts: ['[198.51.100.25]'] },
      ],
      service: { Status: 'Stopped', ProcessId: null, Since: null, InEffect: null },
    }),
  )
  const opened: ExchangeTransport[] = []
  const home = join(stage.folder, 'exchange')
  const open = async () => {
    const transport = new ExchangeTransport({ home, world: await worldOf(stage.worldFile), shell: openShell({ program: process.execPath, args: [join(import.meta.dirname, 'double.mjs'), stateFile] }) })
    opened.push(transport)
    return transport
  }
  return {
    transport: await open(),
    open,
    home,
    set,
    state,
    worldFile: stage.worldFile,
    folder: stage.folder,
    async close() {
      for (const one of opened) await one.close()
      await stage.close()
    },
  }
}

export type ExchangeStage = Awaited<ReturnType<typeof openExchange>>

interface Tracked {
  EventId: string
  Recipients: string[]
}

/** For the parts of the suite that need no service which moves mail. The parameters are all there is of the settings: nobody edits them by hand. */
export async function suiteStage(): Promise<TransportStage> {
  const stage = await openExchange(['ours.test', 'sender.test'])
  const { transport, folder, home, set, state } = stage
  const mail: object[] = []
  return {
    transport,
    open: stage.open,
    world: () => worldOf(stage.worldFile),
    folder,
    home,
    flags: [],
    pidFile: '',
    get arrived() {
      const { tracked = [] } = state() as { tracked?: Tracked[] }
      return tracked.filter(({ EventId }) => EventId === 'SEND').map(({ Recipients }) => ({ from: '', to: Recipients, text: '' }))
    },
    destination: { answer: () => null },
    server: (adapter) => servers[adapter],
    async send(to, from = 'bob@sender.test') {
      const recipients = [to].flat()
      mail.push({ id: mail.length + 1, from, to: recipients, subject: 'Hello', size: 2_000, received: Date.now(), domain: recipients[0]?.split('@')[1] })
      set({ mail })
      // The double tries mail at a start and where it is told to.
      const { messages } = await transport.messages({}, all)
      await transport.act({ kind: 'retry' }, { messages: messages.map((one) => ({ id: one.id, from: one.from, received: one.received })) }, { signal: soon(), told: () => {} })
    },
    settings: async () => (await transport.compose({})).before,
    edit: async () => {},
    limit: { name: 'TransientFailureRetryInterval', value: 300, bad: -1 },
    close: stage.close,
  }
}
