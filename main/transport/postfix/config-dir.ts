// Where this machine's own Postfix has its settings, found without starting a process, since each start asks.
import { access } from 'node:fs/promises'
import { join } from 'node:path'

/** Postfix's own default, and that of FreeBSD's ports. */
const usual = ['/etc/postfix', '/usr/local/etc/postfix']

/** Null where Postfix is not there, or was installed and never set up. */
export async function systemConfigDir(): Promise<string | null> {
  for (const folder of usual) {
    const isThere = await access(join(folder, 'main.cf')).then(() => true, () => false)
    if (isThere) return folder
  }
  return null
}
