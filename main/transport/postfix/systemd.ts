// Where systemd runs Postfix: its unit, and the drop-in that gives the unit a resolv.conf of its own.
import { mkdir, readFile, rm, rmdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import writeFileAtomic from 'write-file-atomic'
import { Failure } from '../../../preload/contract/failure.ts'
import { ownFile, systemsFile } from './in-effect.ts'
import { type Instance, isKnownToSystem } from './instance.ts'
import { programFailure, runSystem } from './programs.ts'

/** Milliseconds. A unit's start or stop may wait for what it depends on. */
const limit = 100_000

export class Systemd {
  private readonly root: string

  /** `root` is where the system's folders begin. */
  constructor(root = '/') {
    this.root = root
  }

  /**
   * The unit that starts this instance; null where systemd does not run, or does not start this one. Debian's
   * postfix.service did nothing for long, and `postfix@-.service` was the real one.
   */
  async unitOf(instance: Instance, signal: AbortSignal): Promise<string | null> {
    if (!(await stat(join(this.root, 'run/systemd/system')).catch(() => null))) return null
    if (!(await isKnownToSystem(instance.configDir, signal))) return null
    const name = instance.values.get('multi_instance_name') ?? ''
    const candidates = name === '' ? ['postfix.service', 'postfix@-.service'] : [`postfix@${name}.service`]
    for (const unit of candidates) {
      const { output } = await runSystem('systemctl', ['show', '--property', 'LoadState', '--property', 'ExecStart', unit], { signal, limit })
      if (/^LoadState=loaded$/m.test(output) && !/path=(\/usr)?\/bin\/true /.test(output)) return unit
    }
    return null
  }

  dropInOf(unit: string): string {
    return join(this.root, 'etc/systemd/system', `${unit}.d`, 'edgewise.conf')
  }

  dropInText(configDir: string): string {
    return `# Written by Edgewise: this Postfix asks the DNS servers that are named there.\n[Service]\nBindReadOnlyPaths=${escaped(join(configDir, ownFile))}:${systemsFile}\n`
  }

  /** Null where there is none. */
  async readDropIn(unit: string): Promise<string | null> {
    return readFile(this.dropInOf(unit), 'utf8').catch((error: unknown) => (error instanceof Error && 'code' in error && error.code === 'ENOENT' ? null : Promise.reject(error)))
  }

  /** Null takes it away. systemd is told. */
  async writeDropIn(unit: string, text: string | null, signal: AbortSignal): Promise<void> {
    const path = this.dropInOf(unit)
    if (text === null) {
      await rm(path, { force: true })
      // Somebody else's drop-ins may lie there, too.
      await rmdir(dirname(path)).catch(() => {})
    } else {
      await mkdir(dirname(path), { recursive: true, mode: 0o755 })
      await writeFileAtomic(path, text, { mode: 0o644 })
    }
    await this.control(['daemon-reload'], signal)
  }

  async isActive(unit: string, signal: AbortSignal): Promise<boolean> {
    return (await runSystem('systemctl', ['is-active', '--quiet', unit], { signal, limit })).code === 0
  }

  async control(args: ['start' | 'stop', string] | ['daemon-reload'], signal: AbortSignal): Promise<void> {
    const ran = await runSystem('systemctl', args, { signal, limit })
    if (ran.code === 0) return
    const { code, message } = programFailure('systemctl', ran)
    throw new Failure(code, message, code === 'needs-administrator' ? 'Run Edgewise as an administrator.' : `Its own words: journalctl --unit ${args[1] ?? 'postfix'}`)
  }
}

/** systemd.exec(5): a colon divides the two paths, and a percent sign begins a specifier. */
const escaped = (path: string) => {
  const plain = path.replaceAll('\\', '\\\\').replaceAll(':', '\\:').replaceAll('%', '%%')
  return /\s/.test(plain) ? `"${plain.replaceAll('"', '\\"')}"` : plain
}
