// The embedded transport's stage for the suite: the relay of stage.ts between the suite's adapters and destination.
import { readFile, writeFile } from 'node:fs/promises'
import { worldOf } from '../../main/world/world-file.ts'
import { openStage, sendTo } from './stage.ts'
import type { AdapterName, TransportStage } from './suite/stage.ts'

const servers: Record<AdapterName, string> = { LAN: '10.0.0.53', DMZ: '10.0.1.53', OLD: '10.0.2.53', DEAD: '10.0.3.53' }
const nextHop = '198.51.100.25'

export async function embeddedStage(): Promise<TransportStage> {
  const destination: TransportStage['destination'] = { answer: () => null }
  const zone = ['. NS a.root.test', 'example.test MX 10 mail.example.test', `mail.example.test A ${nextHop}`]
  const stage = await openStage({
    adapters: { LAN: { behaviour: 'answer', zone }, DMZ: { behaviour: 'servfail' }, OLD: { behaviour: 'refused' } },
    destinations: { [nextHop]: (recipient) => destination.answer(recipient) },
    settings: { acceptedDomains: [{ domain: 'ours.test', nextHop }, { domain: 'sender.test', nextHop }] },
  })
  await stage.setWorld((world) => {
    const adapters = world['adapters'] as object[]
    adapters.push({ name: 'DEAD', addresses: ['10.0.3.2/24'], dnsServers: [servers.DEAD] })
    // A port of this machine where nobody listens.
    Object.assign(world['reach'] as object, { [`${servers.DEAD}:53`]: '127.0.0.1:1' })
  })
  const settings = () => readFile(stage.home.settings, 'utf8')
  return {
    ...stage,
    home: stage.home.folder,
    world: () => worldOf(stage.worldFile),
    flags: ['--home', stage.home.folder, '--world', stage.worldFile],
    pidFile: stage.home.lock,
    destination,
    server: (adapter) => servers[adapter],
    send: (to, from) => sendTo(stage.port, [to].flat(), 'Hello', 'text', { from }),
    settings,
    edit: async () => writeFile(stage.home.settings, (await settings()).replace('{', '{ ')),
    limit: { name: 'transientFailureRetryInterval', value: 300, bad: -1 },
  }
}
