// Writing settings of a real main.cf with Postfix's own postconf: over what was planned, once, and whole again after a kill.
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { filesWanted } from '../../../main/transport/postfix/compose.ts'
import { openInstance } from '../../../main/transport/postfix/instance.ts'
import { type Files, type Place, printFiles } from '../../../main/transport/postfix/settings.ts'
import { Systemd } from '../../../main/transport/postfix/systemd.ts'
import { wholeFiles, writeFiles } from '../../../main/transport/postfix/write.ts'
import { takeLock, releaseLock } from '../../../main/world/lock.ts'
import { machineWorld } from '../../../main/world/machine.ts'

const signal = new AbortController().signal
const mainCf = '# Ours. \u00e9\ncompatibility_level = 3.6\nmyhostname = edge.test\nmaximal_queue_lifetime=3d\nmynetworks = 127.0.0.0/8\n  # between\n  [::1]/128\n'

describe.skipIf(!existsSync('/usr/sbin/postconf'))('settings of Postfix', () => {
  let place: Place = { configDir: '', systemd: new Systemd(), unit: null }
  const file = (name: string) => join(place.configDir, name)
  const text = (name = 'main.cf') => readFile(file(name), 'utf8')

  beforeEach(async () => {
    place = { ...place, configDir: await mkdtemp(join(tmpdir(), 'edgewise-postfix-')) }
    await writeFile(file('main.cf'), mainCf)
    // Postfix's programs would wait two seconds for a file that was written just now.
    await utimes(file('main.cf'), new Date(Date.now() - 10_000), new Date(Date.now() - 10_000))
  })
  afterEach(() => rm(place.configDir, { recursive: true, force: true }))

  const wanted = async (limits: Record<string, string>, servers?: string[]): Promise<{ before: Files; after: Files }> => {
    const before = await wholeFiles(place)
    const lookups = servers && { internal: { source: { kind: 'servers' as const, servers }, protocol: 'any' as const } }
    return { before, after: await filesWanted(await openInstance(place.configDir, signal), before, { limits, ...(lookups && { lookups }) }, { world: machineWorld(), dropIn: null, signal }) }
  }

  it('become what was composed, and byte for byte what they were, at the time when that was written', async () => {
    const { mtimeMs } = await stat(file('main.cf'))
    const { before, after } = await wanted({ maximal_queue_lifetime: '4d', delay_warning_time: '2h' }, ['10.0.0.10'])
    expect(await text()).toBe(mainCf)
    await writeFiles(place, printFiles(after), printFiles(before))
    expect(await text()).toBe(`${mainCf.replace('lifetime=3d', 'lifetime = 4d')}delay_warning_time = 2h\n`)
    expect(await text('edgewise-resolv.conf')).toContain('nameserver 10.0.0.10\n')
    expect(printFiles(await wholeFiles(place))).toBe(printFiles(after))
    await writeFiles(place, printFiles(after), printFiles(before))
    await writeFiles(place, printFiles(before), undefined)
    expect(await text()).toBe(mainCf)
    expect(existsSync(file('edgewise-resolv.conf'))).toBe(false)
    expect(Math.abs((await stat(file('main.cf'))).mtimeMs - mtimeMs)).toBeLessThan(1)
  })

  it('are not written over what somebody else wrote since', async () => {
    const { before, after } = await wanted({ maximal_queue_lifetime: '4d' }, ['10.0.0.10'])
    await writeFile(file('main.cf'), `${mainCf}# Theirs.\n`)
    await expect(writeFiles(place, printFiles(after), printFiles(before))).rejects.toMatchObject({ code: 'changed-meanwhile' })
    expect(await text()).toBe(`${mainCf}# Theirs.\n`)
    expect(existsSync(file('edgewise-resolv.conf'))).toBe(false)
  })

  it('are put back whole where a write died between two files', async () => {
    const { before, after } = await wanted({ maximal_queue_lifetime: '4d' }, ['10.0.0.10'])
    await writeFile(file('.edgewise-before.json'), printFiles(before))
    await writeFile(file('edgewise-resolv.conf'), after.resolvConf ?? '')
    expect(printFiles(await wholeFiles(place))).toBe(printFiles(before))
    expect(existsSync(file('edgewise-resolv.conf'))).toBe(false)
    expect(existsSync(file('.edgewise-before.json'))).toBe(false)
  })

  it('wait for another administrator, who must not take too long', { timeout: 20_000 }, async () => {
    const { before, after } = await wanted({ maximal_queue_lifetime: '4d' })
    expect(await takeLock(file('.edgewise.lock'))).toBeNull()
    await expect(writeFiles(place, printFiles(after), printFiles(before))).rejects.toMatchObject({ code: 'changed-meanwhile', message: expect.stringContaining('Another administrator') })
    await releaseLock(file('.edgewise.lock'))
    expect(await text()).toBe(mainCf)
  })

  it('name nobody to ask: refused', async () => {
    const { before } = await wanted({})
    await expect(writeFiles(place, printFiles({ ...before, resolvConf: '# source: adapter eth1 DMZ\n' }), undefined)).rejects.toMatchObject({ code: 'bad-input' })
  })

  it('that cannot be read name file, line and Postfix’s words', async () => {
    await writeFile(file('main.cf'), 'a = b\nfoo bar\n')
    await expect(openInstance(place.configDir, signal)).rejects.toMatchObject({ code: 'failed', message: expect.stringContaining(`${file('main.cf')}, line 2: missing '=' after attribute name: "foo bar"`) })
    await rm(file('main.cf'))
    await expect(openInstance(place.configDir, signal)).rejects.toMatchObject({ code: 'transport-unreachable' })
  })
})
