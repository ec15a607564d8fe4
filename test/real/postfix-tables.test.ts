// Domains and ways in tables of every kind, entries of the hosts file and short queue ids, on a real Postfix.
import { execFile } from 'node:child_process'
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { acceptedDomains } from '../../main/transport/postfix/domains.ts'
import { openInstance } from '../../main/transport/postfix/instance.ts'
import { hostsUse } from '../../main/transport/postfix/hosts-use.ts'
import { eventually } from '../transport/stage.ts'
import { soon, start } from '../transport/suite/stage.ts'
import { onPostfix } from './on-postfix.ts'
import type { PostfixStage } from './postfix-stage.ts'

const run = promisify(execFile)

onPostfix('tables and hosts', (stages) => {
  let stage: PostfixStage
  beforeEach(async () => void (stage = await stages().stage()))
  afterEach(() => stage?.close())

  const domains = async () => {
    const { configDir } = stage.instance
    const found = await acceptedDomains(await openInstance(configDir, soon()), soon())
    return found.map(({ domain, nextHop }) => `${domain} ${nextHop}`).sort()
  }

  it('of files that can be listed tell their domains; of patterns only the ways are asked', async () => {
    const { configDir, mainCf } = stage.instance
    const tables = { hashed: 'one.test OK\ntwo.test OK\nuser@three.test OK\n', texts: 'four.test OK\n', ways: 'one.test smtp:[10.0.0.1]:26\n.two.test smtp:[10.0.0.9]\n', patterns: '/^five\\.test$/ OK\n', wayPatterns: '/^four\\.test$/ relay:[10.0.0.4]\n' }
    for (const [name, text] of Object.entries(tables)) await writeFile(join(configDir, name), text)
    await run('/usr/sbin/postmap', ['-c', configDir, `hash:${join(configDir, 'hashed')}`, `hash:${join(configDir, 'ways')}`])
    const at = (type: string, name: string) => `${type}:${join(configDir, name)}`
    await appendFile(mainCf, `relay_domains = ${at('hash', 'hashed')}, ${at('texthash', 'texts')}, ${at('regexp', 'patterns')}\ntransport_maps = ${at('hash', 'ways')}, ${at('regexp', 'wayPatterns')}\n`)
    expect(await domains()).toEqual(['four.test 10.0.0.4', 'one.test 10.0.0.1:26', 'two.test two.test'])
  })

  it('of the hosts file are used with “dns, native” alone, by the copy that each start brings up to date', async () => {
    const { instance, transport } = stage
    const { configDir, queueDir, mainCf } = instance
    await mkdir(join(queueDir, 'etc'), { recursive: true })
    await writeFile(join(queueDir, 'etc/hosts'), '# an old one\n')
    await appendFile(mainCf, 'smtp_host_lookup = dns\n')
    const dnsOnly = await openInstance(configDir, soon())
    expect(await hostsUse(dnsOnly, '/etc/hosts', true)).toMatchObject({ reads: false, text: expect.stringContaining('so entries of the hosts file do not count') })
    await appendFile(mainCf, 'smtp_host_lookup = dns, native\n')
    const both = await openInstance(configDir, soon())
    expect((await hostsUse(both, '/etc/hosts', true)).text).toContain('a restart is needed')
    await start(stage)
    expect(await readFile(join(queueDir, 'etc/hosts'))).toEqual(await readFile('/etc/hosts'))
    expect((await hostsUse(both, '/etc/hosts', true)).text).not.toContain('a restart is needed')
    // Of no DNS server's zone; the copy is what the client reads.
    await appendFile(join(queueDir, 'etc/hosts'), `${instance.at(25)} mailbox.only-hosts.test\n`)
    await appendFile(mainCf, 'transport_maps = inline:{ours.test=smtp:[mailbox.only-hosts.test]}\n')
    await instance.postfix('reload')
    await stage.send('ann@ours.test')
    await eventually(() => stage.arrived.length, (count) => count === 1)
    expect(await transport.resolve('mailbox.only-hosts.test', 'A', soon())).toMatchObject({ kind: 'records', values: [instance.at(25)] })
  })

  it('short queue ids, as older ones have them, are listed and acted on', async () => {
    const { instance, transport } = stage
    await appendFile(instance.mainCf, 'enable_long_queue_ids = no\n')
    await start(stage)
    stage.destination.answer = () => ({ code: 450, text: '4.2.0 later' })
    await stage.send('ann@ours.test')
    const listed = () => transport.messages({}, { offset: 0, limit: 10 })
    const { messages: [message] } = await eventually(listed, ({ messages }) => messages[0]?.lastError !== null && messages[0] !== undefined)
    expect(message?.id).toMatch(/^[0-9A-F]{6,}$/)
    const outcomes: string[] = []
    const { id = '', from = '', received = '' } = message ?? {}
    await transport.act({ kind: 'remove', ndr: false }, { messages: [{ id, from, received }] }, { signal: soon(), told: (rows) => outcomes.push(...rows.map(({ outcome }) => outcome)) })
    expect(outcomes).toEqual(['removed'])
    expect((await listed()).total).toBe(0)
  })
})
