// What goes wrong with a real Postfix: it is said by name, nothing is lost, and what runs goes on running.
import { execFile } from 'node:child_process'
import { chmod, chown, mkdir, readdir, readFile, statfs, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Changes, type Wish } from '../../main/change/changes.ts'
import { cli } from '../cli/edgewise-process.ts'
import { eventually } from '../transport/stage.ts'
import { act, all, asking, save, soon, start, stuck, targets, tried, waiting } from '../transport/suite/stage.ts'
import { onPostfix } from './on-postfix.ts'
import type { PostfixStage } from './postfix-stage.ts'

const run = promisify(execFile)

onPostfix('a real Postfix', (stages) => {
  let stage: PostfixStage
  const ends: (() => Promise<unknown>)[] = []
  beforeEach(async () => void (stage = await stages().stage()))
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end()
    await stage?.close()
  })
  const change = async (name: 'LAN' | 'DMZ') => {
    const changes = new Changes(stage.home, { world: await stage.world(), transport: stage.transport })
    const wish: Wish = { wanted: asking(name), restart: true, drain: false, force: false, keep: false, by: 'a test' }
    return changes.run(wish, { progress: () => {}, signal: soon() })
  }

  it('that is stopped shows what waits, and says of an attempt that it cannot be made', async () => {
    const message = await stuck(stage)
    await stage.transport.control('stop', { signal: soon() })
    expect(await stage.transport.properties()).toMatchObject({ waiting: 1, service: { state: 'stopped' }, inEffect: null })
    expect(await waiting(stage)).toMatchObject([{ id: message.id, lastError: message.lastError }])
    expect(await stage.transport.queues()).toMatchObject([{ nextHop: 'example.test', messages: 1 }])
    const retried = await act(stage.transport, { kind: 'retry' }, targets([message])).then(({ rows }) => rows.map(({ outcome }) => outcome), (error: { code: string }) => error.code)
    expect(['transport-unreachable', ['failed']]).toContainEqual(retried)
    await expect(stage.transport.resolve('example.test', 'MX')).rejects.toMatchObject({ code: 'transport-unreachable' })
  })

  it('whose main.cf cannot be read says the line, and goes on running untouched', async () => {
    const message = await stuck(stage)
    const { pid } = await stage.transport.serviceState()
    const good = await readFile(stage.instance.mainCf, 'utf8')
    const bad = `${good}this is no parameter\n`
    await writeFile(stage.instance.mainCf, bad)
    const line = new RegExp(`${stage.instance.mainCf}, line ${good.split('\n').length}: `)
    await expect(stage.transport.properties()).rejects.toThrow(line)
    await expect(stage.transport.control('restart', { signal: soon() })).rejects.toThrow(line)
    await expect(change('LAN')).rejects.toThrow(line)
    expect(await readFile(stage.instance.mainCf, 'utf8')).toBe(bad)
    await writeFile(stage.instance.mainCf, good)
    expect((await stage.transport.serviceState()).pid).toBe(pid)
    expect(await waiting(stage)).toMatchObject([{ id: message.id }])
  })

  it('whose own check refuses its configuration is not stopped for a restart, and the change is taken back', async () => {
    await stuck(stage)
    const { pid } = await stage.transport.serviceState()
    await writeFile(stage.instance.mainCf, (await readFile(stage.instance.mainCf, 'utf8')).replace(/^mynetworks = .*$/m, 'mynetworks = $nowhere/99\nsmtpd_relay_restrictions = ${broken'))
    const before = await stage.settings()
    await expect(stage.transport.control('restart', { signal: soon() })).rejects.toThrow(/Postfix/)
    const ended = await change('LAN').then(({ state }) => state, () => 'refused')
    expect(['rolled back', 'refused']).toContain(ended)
    expect(await stage.settings()).toBe(before)
    expect(await stage.instance.master()).toBe(pid)
  })

  it('with a damaged queue file tells of the others, and delivers them', async () => {
    const message = await stuck(stage)
    await stage.send('carol@example.test')
    await tried(stage, 2)
    const [file = ''] = (await readdir(join(stage.instance.queueDir, 'deferred'), { recursive: true })).filter((name) => name.endsWith(message.id))
    const path = join(stage.instance.queueDir, 'deferred', file)
    await truncate(path, 40)
    expect((await stage.transport.messages({}, all)).messages.some(({ recipients }) => recipients[0] === 'carol@example.test')).toBe(true)
    expect((await change('LAN')).state).toBe('kept')
    await eventually(() => stage.arrived.map(({ to }) => to[0]), (to) => to.includes('carol@example.test'))
    expect(await stage.transport.queues()).toBeInstanceOf(Array)
    // Nobody threw it away.
    expect((await readdir(stage.instance.queueDir, { recursive: true })).filter((name) => name.endsWith(message.id)).length).toBeGreaterThan(0)
  })

  it('whose queue’s disk is full refuses mail, tells what waits, and is not left stopped by a restart', async () => {
    const { queueDir } = stage.instance
    await run('mount', ['-t', 'tmpfs', '-o', 'size=32m', 'tmpfs', queueDir])
    ends.push(async () => {
      await stage.instance.kill()
      await run('umount', [queueDir])
    })
    await stage.instance.postfix('check')
    const message = await stuck(stage)
    const { bavail, bsize } = await statfs(queueDir)
    await writeFile(join(queueDir, 'filler'), Buffer.alloc(bavail * bsize)).catch(() => undefined)
    await expect(stage.send('carol@example.test')).rejects.toThrow(/4\.3\.1/)
    expect(await waiting(stage)).toMatchObject([{ id: message.id }])
    await expect(stage.transport.control('restart', { signal: soon() })).rejects.toThrow(/cannot be brought up to date/)
    expect((await stage.transport.serviceState()).state).toBe('running')
    expect(await waiting(stage)).toMatchObject([{ id: message.id }])
  })

  it('whose master is halted is named and not killed', async () => {
    const message = await stuck(stage)
    const { pid } = await stage.transport.serviceState()
    process.kill(pid ?? 0, 'SIGSTOP')
    ends.push(stage.instance.kill)
    expect(await stage.transport.serviceState()).toMatchObject({ state: 'running', pid, note: expect.stringContaining(`process ${pid}) is halted`) })
    for (const action of ['stop', 'restart'] as const)
      await expect(stage.transport.control(action, { signal: soon() })).rejects.toMatchObject({ code: 'timed-out', message: expect.stringContaining(`its master is process ${pid}`) })
    expect(await stage.instance.master()).toBe(pid)
    process.kill(pid ?? 0, 'SIGCONT')
    expect((await stage.transport.control('restart', { signal: soon() })).service.state).toBe('running')
    expect(await waiting(stage)).toMatchObject([{ id: message.id }])
  })

  it('whose smtp client has no chroot asks the chosen servers too', async () => {
    const master = await readFile(stage.instance.masterCf, 'utf8')
    await writeFile(stage.instance.masterCf, master.replace(/^(\S+\s+\S+\s+\S+\s+\S+\s+)y(\s)/gm, '$1n$2'))
    await stuck(stage)
    expect((await stage.transport.properties()).inEffect?.internal.servers).toEqual([stage.server('DMZ')])
    expect((await change('LAN')).state).toBe('kept')
    await eventually(() => stage.arrived, (mails) => mails.length === 1)
    expect((await stage.transport.properties()).inEffect?.internal.servers).toEqual([stage.server('LAN')])
  })

  it('that lets nobody but root look into its queue says so to others', async () => {
    await save(stage.transport, asking('DMZ'))
    await start(stage)
    await writeFile(stage.instance.mainCf, `${await readFile(stage.instance.mainCf, 'utf8')}authorized_mailq_users = root\n`)
    const home = join(stage.folder, 'nobody')
    await mkdir(home)
    await chown(home, 65_534, 65_534)
    await chmod(stage.instance.configDir, 0o755)
    // Set-gid programs take the system's own configuration alone: here, in a mount namespace, it is this one.
    const asNobody = ['-m', 'sh', '-c', 'mount --bind "$1" /etc/postfix && shift && exec setpriv --reuid=65534 --regid=65534 --clear-groups "$@"', 'sh', stage.instance.configDir]
    const asked = run('unshare', [...asNobody, process.execPath, cli, '--transport', 'postfix', '--home', home, 'queues', '--json'], { timeout: 60_000, env: { ...process.env, HOME: home } })
    const ended = await asked.then(({ stdout }) => ({ code: 0, stdout }), (error: { code: number; stdout: string }) => error)
    expect(JSON.parse(ended.stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({ error: { code: 'needs-administrator', message: expect.stringContaining('postqueue was refused') } })
    expect(ended.code).toBe(3)
  })
})
