// Services that are chrooted see the queue folder's own etc: copies that somebody has to bring up to date.
import { copyFile, mkdir, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import writeFileAtomic from 'write-file-atomic'
import { systemsFile } from './in-effect.ts'

/** As Debian's own start copies them; its libraries hold since glibc 2.34 what was asked for in others before. */
const copied = ['/etc/localtime', '/etc/services', '/etc/hosts', '/etc/host.conf', '/etc/nsswitch.conf']

/** `resolvConf` null: the system's own. What the system does not have is left as it is there. */
export async function bringUpToDate(queueDir: string, resolvConf: string | null): Promise<void> {
  for (const path of copied) await copyInto(queueDir, path)
  if (resolvConf === null) return copyInto(queueDir, systemsFile)
  await mkdir(join(queueDir, dirname(systemsFile)), { recursive: true, mode: 0o755 })
  await writeFileAtomic(join(queueDir, systemsFile), resolvConf, { mode: 0o644 })
}

async function copyInto(queueDir: string, path: string): Promise<void> {
  const target = join(queueDir, path)
  const bytes = await readFile(path).catch(() => null)
  if (bytes === null || (await readFile(target).catch(() => null))?.equals(bytes)) return
  await mkdir(dirname(target), { recursive: true, mode: 0o755 })
  // Never half a file: a process may be reading it.
  const temporary = `${target}.edgewise`
  try {
    await copyFile(path, temporary)
    await rename(temporary, target)
  } finally {
    await rm(temporary, { force: true })
  }
}
