// What is asked about the hosts file, with real DNS servers, a real relay and real destinations on loopback.
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { hostsEditSchema, hostsWantedSchema, type HostsFinding } from '../preload/contract/hosts.ts'
import { Changes } from '../main/change/changes.ts'
import { type Edge, openEdgewise } from '../main/edgewise.ts'
import { hostsAnswers } from '../main/hosts-answers.ts'
import { hashOf } from '../main/hosts/file.ts'
import { worldOf } from '../main/world/world-file.ts'
import { adapter, eventually, lookups, openStage, save, type Plan, type Stage } from './transport/stage.ts'

let stage: Stage
let edge: Edge
let hosts: ReturnType<typeof hostsAnswers>
const stops: (() => void)[] = []
async function open(plan: Partial<Plan> = {}) {
  stage = await openStage({ adapters: {}, ...plan })
  await fresh()
}
/** As another window would ask. */
async function fresh() {
  const [world, transport] = [await worldOf(stage.worldFile), await stage.open()]
  edge = { world, transport, changes: new Changes(stage.home.folder, { world, transport }) }
  hosts = hostsAnswers(() => edge)
}
afterEach(async () => {
  for (const stop of stops.splice(0)) stop()
  await stage?.close()
})

const path = () => join(stage.folder, 'hosts')
const asked = { signal: AbortSignal.timeout(30_000), progress: () => {} }
const server = 'local' as const
const page = { offset: 0, limit: 100 }
const list = (more: { filter?: string; show?: 'all' | 'entries' | 'problems' } = {}) => hosts.list({ server, filter: '', show: 'all', page, ...more }, asked)
const add = (address: string, name: string) => hostsEditSchema.parse({ kind: 'add', entries: [{ address, names: [name] }] })
const start = () => stage.transport.control('start', { signal: AbortSignal.timeout(15_000) })
async function withMailWaiting() {
  await start()
  await stage.send('alice@example.test')
  await eventually(() => stage.transport.messages({}, page), ({ messages }) => messages.some(({ lastError }) => lastError !== null))
}

describe('list', () => {
  it('says beside each entry whether the transport uses it', async () => {
    await open({ hosts: '10.0.0.1 one.test two.test\n10.0.0.2 One.test. three.test\n10.0.0.3 two.test\n::1 one.test\n0.0.0.0 ads.test\n# note\n#10.0.0.4 off.test\n' })
    const { file, rows, total } = await list()
    expect(file).toMatchObject({ path: path(), exists: true, lines: 7, entries: 5, lineEndings: 'LF', transport: expect.stringContaining('The embedded transport looks into the hosts file') })
    expect(file.hash).toBe(hashOf(await readFile(path())))
    expect(total).toBe(7)
    expect(rows.map(({ use }) => use)).toEqual([
      { used: true, text: expect.stringContaining('asks no DNS server') },
      { used: true, text: 'Used for three.test; for One.test. line 1 comes first.' },
      { used: false, text: 'Not used: line 1 comes first.' },
      { used: true, text: expect.stringContaining('asks no DNS server') },
      { used: false, text: expect.stringContaining('no host has this address') },
      null,
      null,
    ])
  })

  it('says of a file that cannot be read that it cannot, and not that it is empty', async () => {
    await open()
    await stage.setWorld((world) => (world['hostsFile'] = '.'))
    await fresh()
    await expect(list()).rejects.toMatchObject({ name: 'Failure', code: 'failed', message: expect.stringContaining('is not a file') })
  })
})

describe('after somebody else wrote the file', () => {
  const original = '10.0.0.1 one.test\n10.0.0.2 two.test\n'

  it('lines are found again, and an edit is compared with what both began with', async () => {
    await open({ hosts: original })
    const { file } = await list()
    await writeFile(path(), `# theirs\n${original}`)
    expect(await hosts.moved({ server, hash: file.hash, lines: [1, 2] }, asked)).toEqual({ hash: hashOf(await readFile(path())), lines: [2, 3] })
    const edit = hostsEditSchema.parse({ kind: 'set', line: 2, address: '10.0.0.9' })
    const compared = await hosts.compare({ server, hash: file.hash, edit }, asked)
    expect(compared.conflicts).toEqual([])
    expect(compared.theirs).toContainEqual(expect.objectContaining({ kind: 'added', text: '# theirs' }))
    expect(compared.merged?.patch).toContainEqual(expect.objectContaining({ kind: 'added', text: '10.0.0.9 two.test' }))
    // What was merged is what can be saved.
    const change = await edge.changes.run({ wanted: { hosts: hostsWantedSchema.parse(compared.merged) }, restart: false, drain: false, force: false, keep: false, by: 'a test' }, asked)
    expect(change.state).toBe('kept')
    expect(await readFile(path(), 'utf8')).toBe('# theirs\n10.0.0.1 one.test\n10.0.0.9 two.test\n')
  })

  it('what a save left is known also to one that did not see it; of anything else it is said that it is not', async () => {
    await open({ hosts: original })
    const { file } = await list()
    await edge.changes.run({ wanted: { hosts: { hash: file.hash, edit: add('10.0.0.3', 'three.test'), evenReadOnly: false } }, restart: false, drain: false, force: false, keep: false, by: 'a test' }, asked)
    await fresh()
    expect(await hosts.moved({ server, hash: file.hash, lines: [2] }, asked)).toMatchObject({ lines: [2] })
    for (const unknown of [hosts.moved({ server, hash: hashOf(Buffer.from('never')), lines: [1] }, asked), hosts.compare({ server, hash: hashOf(Buffer.from('never')), edit: add('10.0.0.3', 'x.test') }, asked)])
      await expect(unknown).rejects.toMatchObject({ code: 'not-found', remedy: expect.stringContaining('Read it anew') })
    const { saves, next } = await hosts.history({ server }, asked)
    expect(saves).toEqual([expect.objectContaining({ id: next, words: ['three.test is at 10.0.0.3.'], undone: false, isUndo: false })])
  })

  it('who listens is told, also where the world names another file', async () => {
    await open({ hosts: original })
    let told = 0
    stops.push(edge.world.watchHosts(() => (told += 1)))
    await writeFile(path(), `${original}# theirs\n`)
    await eventually(() => told, (count) => count > 0)
    const before = told
    await writeFile(join(stage.folder, 'new'), original)
    await rename(join(stage.folder, 'new'), path())
    await eventually(() => told, (count) => count > before)
    await writeFile(join(stage.folder, 'other'), original)
    const soFar = told
    await stage.setWorld((world) => (world['hostsFile'] = 'other'))
    await eventually(() => told, (count) => count > soFar)
    const elsewhere = told
    await writeFile(join(stage.folder, 'other'), '')
    await eventually(() => told, (count) => count > elsewhere)
  })

  it('the window is told which server’s it was', async () => {
    await open({ hosts: original })
    const edgewise = await openEdgewise({ home: stage.home.folder, worldFile: stage.worldFile, keepAlive: false })
    stops.push(() => void edgewise.close())
    const told: unknown[] = []
    edgewise.onHosts((change) => told.push(change))
    await writeFile(path(), `${original}# theirs\n`)
    expect(await eventually(() => told, (changes) => changes.length > 0)).toContainEqual({ server: 'local', revision: 1 })
  })
})

describe('suggest', () => {
  const zone = ['example.test MX 10 mx1.example.test', 'example.test MX 20 mx2.example.test', 'mx1.example.test A 198.51.100.25', 'mx1.example.test AAAA 2001:db8::25']

  it('fills in the mail hosts with the addresses that another adapter’s DNS servers know, and says which', async () => {
    await open({ adapters: { DMZ: { behaviour: 'answer', zone: zone.slice(0, 2) }, LAN: { behaviour: 'answer', zone } } })
    await save(stage.transport, lookups(adapter('DMZ')))
    const { entries, text } = await hosts.suggest({ server, queue: 'example.test' }, asked)
    expect(entries).toEqual([
      { name: 'mx1.example.test', address: '198.51.100.25', text: 'Adapter “LAN”: 10.0.1.53 answers 198.51.100.25.' },
      { name: 'mx1.example.test', address: '2001:db8::25', text: 'Adapter “LAN”: 10.0.1.53 answers 2001:db8::25.' },
      { name: 'mx2.example.test', address: null, text: 'No adapter’s DNS servers know an address of mx2.example.test.' },
    ])
    expect(text).toBe('Adapter “DMZ”, which the transport asks: 10.0.0.53 answers that mail for example.test goes to mx1.example.test, mx2.example.test.')
  })

  it('offers an entry for the domain itself where the transport does not learn its mail hosts', async () => {
    await open({ adapters: { DMZ: { behaviour: 'servfail' }, LAN: { behaviour: 'answer', zone: [...zone, 'example.test A 198.51.100.26'] } } })
    await save(stage.transport, lookups(adapter('DMZ')))
    const { entries, text } = await hosts.suggest({ server, queue: 'example.test' }, asked)
    expect(entries[0]).toMatchObject({ name: 'example.test', address: '198.51.100.25', text: expect.stringContaining('mx1.example.test') })
    expect(text).toMatch(/^Adapter “LAN”: .*The transport’s own DNS servers do not \(10\.0\.0\.53 answered SERVFAIL\), so the entry that helps is one for example\.test itself\.$/)
  })

  it('names the mailbox server of an accepted domain, and nothing for an address', async () => {
    await open({ adapters: { LAN: { behaviour: 'answer', zone: ['mailbox.ours.test A 10.0.0.25'] } }, settings: { acceptedDomains: [{ domain: 'ours.test', nextHop: 'mailbox.ours.test:2525' }] } })
    expect((await hosts.suggest({ server, queue: 'ours.test' }, asked)).entries).toMatchObject([{ name: 'mailbox.ours.test', address: '10.0.0.25' }])
    expect(await hosts.suggest({ server, queue: '[192.0.2.1]' }, asked)).toMatchObject({ entries: [], text: expect.stringContaining('no name is looked up') })
  })

  it('says what everybody answered where nobody knows', async () => {
    await open({ adapters: { DMZ: { behaviour: 'servfail' }, LIAR: { behaviour: 'nxdomain' } } })
    const { entries, text } = await hosts.suggest({ server, queue: 'example.test' }, asked)
    expect(entries).toMatchObject([{ name: 'example.test', address: null }])
    expect(text).toMatch(/^No DNS server of any adapter knows which hosts take mail for example\.test: .*SERVFAIL.*does not exist/)
  })
})

describe('check', () => {
  const kinds = (findings: HostsFinding[]) => findings.map(({ kind, line }) => `${kind} ${line}`)

  it('finds entries that hide another answer and those that lead mail nowhere, and tells each as it is found', async () => {
    const zone = ['example.test MX 10 mail.example.test', 'mail.example.test A 198.51.100.25', 'same.test A 10.0.0.5', 'own.test A 10.0.0.6']
    await open({
      adapters: { LAN: { behaviour: 'answer', zone } },
      hosts: '198.51.100.99 mail.example.test\n10.0.0.5 same.test\n127.0.1.1 own.test\n10.0.0.7 unknown.test\n10.0.0.8 same.test\n',
    })
    await stage.setWorld((file) => Object.assign(file['reach'] as object, { '198.51.100.99:25': '127.0.0.1:1' }))
    await fresh()
    await save(stage.transport, lookups(adapter('LAN')))
    await withMailWaiting()
    const told: HostsFinding[] = []
    const { findings, notKnown } = await hosts.check({ server }, { ...asked, progress: (finding) => void told.push(finding) })
    expect(kinds(findings).sort()).toEqual(['dns-differs 1', 'dns-differs 3', 'points-nowhere 1', 'shadowed 5'])
    expect(kinds(told).sort()).toEqual(kinds(findings).sort())
    expect(notKnown).toEqual([])
    const of = (kind: HostsFinding['kind'], line: number) => findings.find((one) => one.kind === kind && one.line === line)
    expect(of('dns-differs', 1)).toMatchObject({ level: 'warning', text: 'mail.example.test is at 198.51.100.99 by this line; 10.0.0.53 answers 198.51.100.25, which the line hides.' })
    // A machine’s own name is at a loopback address on purpose.
    expect(of('dns-differs', 3)?.level).toBe('info')
    expect(of('points-nowhere', 1)).toMatchObject({ level: 'warning', text: 'Mail for example.test is led to mail.example.test at 198.51.100.99, where nothing takes mail at port 25: connection refused (ECONNREFUSED).' })
  })

  it('finds nothing where mail is led to a host that takes it and DNS says the same', async () => {
    await open({ adapters: { LAN: { behaviour: 'answer' } }, hosts: '198.51.100.25 mail.example.test\n', destinations: { '198.51.100.25': { code: 451, text: 'Later' } } })
    await withMailWaiting()
    expect(await hosts.check({ server }, asked)).toMatchObject({ findings: [], notKnown: [] })
  })

  it('says what could not be compared, and does not ask silent DNS servers for each of many names', async () => {
    await open({ adapters: { DEAD: { behaviour: 'silent' } }, hosts: Array.from({ length: 600 }, (_, at) => `10.1.${at >> 8}.${at & 255} host${at}.test\n`).join('') })
    const { findings, notKnown } = await hosts.check({ server }, asked)
    expect(findings).toEqual([])
    expect(notKnown).toEqual(['Of the 600 names in the file, 100 were left out of the comparison with DNS: it takes the first 500, those that mail waits for before all others.', expect.stringMatching(/^500 names were not compared with DNS: 10\.0\.0\.53 did not answer within 2\.5 s\.$/)])
  })
})
