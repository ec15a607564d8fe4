// systemd cannot run here: its folders are a double, and so are systemctl and the postconf that names the system's instance.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Instance } from '../../../main/transport/postfix/instance.ts'
import { Systemd } from '../../../main/transport/postfix/systemd.ts'

const signal = new AbortController().signal
const instance = (configDir: string, name = ''): Instance => ({ name: name || 'postfix', configDir, queueDir: '/q', dataDir: '/d', version: '3.7.11', values: new Map(name ? [['multi_instance_name', name]] : []) })

describe.skipIf(process.platform !== 'linux')('systemd', () => {
  let root = ''
  let calls = ''
  let systemd = new Systemd()
  const path = process.env['PATH']

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'edgewise-systemd-'))
    calls = join(root, 'calls')
    systemd = new Systemd(root)
    await mkdir(join(root, 'bin'))
    await mkdir(join(root, 'run/systemd/system'), { recursive: true })
    await double('postconf', 'echo "config_directory = /etc/postfix"; echo "multi_instance_directories = /etc/postfix-out"')
    process.env['PATH'] = [join(root, 'bin'), path].join(delimiter)
  })
  afterEach(async () => {
    process.env['PATH'] = path
    await rm(root, { recursive: true, force: true })
  })

  const double = (name: string, script: string) => writeFile(join(root, 'bin', name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  /** `units`: name → what it starts. */
  const systemctl = (units: Record<string, string>, code = 0) =>
    double('systemctl', `echo "$*" >>'${calls}'\ncase "$*" in\n${Object.entries(units).map(([unit, program]) => `*show*" ${unit}") echo LoadState=loaded; echo "ExecStart={ path=${program} ; argv[]=${program} }";;`).join('\n')}\n*show*) echo LoadState=not-found;;\n*) ${code === 0 ? '' : 'echo "Failed: Access denied" >&2;'} exit ${code};;\nesac`)

  it('names the unit that starts an instance, past one that does nothing', async () => {
    await systemctl({ 'postfix.service': '/bin/true', 'postfix@-.service': '/usr/sbin/postmulti', 'postfix@out.service': '/usr/sbin/postmulti' })
    expect(await systemd.unitOf(instance('/etc/postfix'), signal)).toBe('postfix@-.service')
    expect(await systemd.unitOf(instance('/etc/postfix-out', 'out'), signal)).toBe('postfix@out.service')
    await systemctl({ 'postfix.service': '/usr/sbin/postfix' })
    expect(await systemd.unitOf(instance('/etc/postfix'), signal)).toBe('postfix.service')
  })

  it('starts no instance that the system does not name, and none where it does not run', async () => {
    await systemctl({ 'postfix.service': '/usr/sbin/postfix' })
    expect(await systemd.unitOf(instance('/srv/own'), signal)).toBeNull()
    await rm(join(root, 'run/systemd'), { recursive: true })
    expect(await systemd.unitOf(instance('/etc/postfix'), signal)).toBeNull()
  })

  it('is given a drop-in, told of it, and loses it with its folder', async () => {
    await systemctl({})
    const text = systemd.dropInText('/etc/postfix')
    await systemd.writeDropIn('postfix@-.service', text, signal)
    const file = join(root, 'etc/systemd/system/postfix@-.service.d/edgewise.conf')
    expect(await readFile(file, 'utf8')).toMatch(/^\[Service\]\nBindReadOnlyPaths=\/etc\/postfix\/edgewise-resolv\.conf:\/etc\/resolv\.conf\n/m)
    expect(await systemd.readDropIn('postfix@-.service')).toBe(text)
    await systemd.writeDropIn('postfix@-.service', null, signal)
    expect(existsSync(join(file, '..'))).toBe(false)
    expect(await systemd.readDropIn('postfix@-.service')).toBeNull()
    expect(await readFile(calls, 'utf8')).toBe('daemon-reload\ndaemon-reload\n')
  })

  it('keeps a path whole that has signs of its own', () => {
    expect(systemd.dropInText('/srv/a b:50%')).toContain('BindReadOnlyPaths="/srv/a b\\:50%%/edgewise-resolv.conf":/etc/resolv.conf\n')
  })

  it('says where rights are missing', async () => {
    await systemctl({}, 1)
    await expect(systemd.control(['start', 'postfix.service'], signal)).rejects.toMatchObject({ code: 'needs-administrator', message: expect.stringContaining('Access denied') })
  })
})
