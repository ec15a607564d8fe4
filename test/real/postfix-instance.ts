// A Postfix of the test's own: configuration, queue and log in a temporary folder, addresses of loopback that nobody else
// has. It is ended and removed when the test closes it, and when the test's process dies.
import { execFile, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, copyFile, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const programs = '/usr/sbin'

/** Why no real Postfix can be run here; null where it can. */
export function whyNoPostfix(): string | null {
  if (process.platform !== 'linux') return 'it needs Linux'
  if (process.getuid?.() !== 0) return 'it needs root'
  if (!existsSync(join(programs, 'postconf'))) return 'Postfix is not installed'
  return null
}

export interface Instance {
  folder: string
  configDir: string
  queueDir: string
  log: string
  mainCf: string
  masterCf: string
  /** Where the choice of the DNS lookups is kept. */
  lookupsFile: string
  /** Holds the process id of the master while it runs. */
  pidFile: string
  /** Where it takes mail, and the addresses for the DNS servers and the destination. */
  address: string
  port: number
  /** The address with this last number in its own block of loopback. */
  at(last: number): string
  postfix(...args: string[]): Promise<{ stdout: string; stderr: string }>
  program(name: string, ...args: string[]): Promise<string>
  /** The master's process id; null where it does not run. */
  master(): Promise<number | null>
  /** Ends it with all its children at once, also where it hangs. */
  kill(): Promise<void>
  end(): Promise<void>
}

const port = 2525

/** The lines of main.cf that all tests begin with. */
const mainCf = (instance: Pick<Instance, 'queueDir' | 'log' | 'at' | 'folder'>) => `# The edge server of a test.
compatibility_level = 3.6
queue_directory = ${instance.queueDir}
data_directory = ${join(instance.folder, 'data')}
myhostname = edge.test
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
alias_maps =
maillog_file = ${instance.log}
maillog_file_prefixes = ${tmpdir()}
relay_domains = ours.test, sender.test
transport_maps = inline:{ours.test=smtp:[${instance.at(25)}], sender.test=smtp:[${instance.at(25)}]}
`

export async function openInstance(): Promise<Instance> {
  const folder = await mkdtemp(join(tmpdir(), 'edgewise-postfix-'))
  // Postfix's own user walks through it.
  await chmod(folder, 0o755)
  const block = await freeBlock()
  const at = (last: number) => `${block}.${last}`
  const configDir = join(folder, 'config')
  const queueDir = join(folder, 'queue')
  const instance = { folder, configDir, queueDir, log: join(folder, 'mail.log'), mainCf: join(configDir, 'main.cf'), masterCf: join(configDir, 'master.cf'), lookupsFile: join(configDir, 'edgewise-resolv.conf'), pidFile: join(queueDir, 'pid', 'master.pid'), address: at(1), port, at }
  const guardian = guard(folder, instance.pidFile)
  for (const name of [configDir, queueDir, join(folder, 'data')]) await mkdir(name)
  await run('chown', ['postfix', join(folder, 'data')])
  await writeFile(instance.mainCf, mainCf(instance))
  const master = await readFile('/etc/postfix/master.cf.proto', 'utf8')
  await writeFile(instance.masterCf, master.replace(/^smtp(\s+)inet/m, `${instance.address}:${port}$1inet`))
  await copyFile('/etc/postfix/dynamicmaps.cf', join(configDir, 'dynamicmaps.cf')).catch(() => undefined)
  const postfix = (...args: string[]) => run(join(programs, 'postfix'), ['-c', configDir, ...args], { env: { ...process.env, LC_ALL: 'C' } })
  // Makes the queue's folders.
  await postfix('check')
  return {
    ...instance,
    postfix,
    program: async (name, ...args) => (await run(join(programs, name), ['-c', configDir, ...args], { maxBuffer: 64 * 1024 * 1024 })).stdout,
    master: () => masterOf(instance.pidFile),
    async kill() {
      const pid = await masterOf(instance.pidFile)
      if (pid === null) return
      process.kill(-pid, 'SIGKILL')
      while ((await masterOf(instance.pidFile)) !== null) await new Promise((resolve) => setTimeout(resolve, 10))
    },
    async end() {
      guardian.stdin.end()
      await once(guardian, 'close')
    },
  }
}

async function masterOf(pidFile: string): Promise<number | null> {
  const pid = Number(await readFile(pidFile, 'utf8').catch(() => ''))
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  // One that has ended and that nobody asks after is a zombie.
  return pid > 0 && /^\d+ \(master\) [^ZX]/.test(stat) ? pid : null
}

/**
 * Waits for the test's process to close the pipe or to die, then ends the master with all its children, also where it
 * hangs, and takes the folder away with what is mounted in it.
 */
function guard(folder: string, pidFile: string) {
  const script = `cat >/dev/null
pid=$(tr -d ' ' <"$2")
if [ -n "$pid" ] && [ "$(cat "/proc/$pid/comm")" = master ]; then
  kill -KILL "-$pid"
  while [ -e "/proc/$pid" ] && ! grep -q '^State:.Z' "/proc/$pid/status"; do sleep 0.02; done
fi
while read -r _ at _; do case $at in "$1"/*) umount -l "$at";; esac; done </proc/mounts
for again in 1 2 3 4 5; do rm -rf "$1" && break; sleep 0.1; done`
  return spawn('sh', ['-c', script, 'guard', folder, pidFile], { stdio: ['pipe', 'ignore', 'ignore'], detached: true })
}

/** A 127.a.b block in which nobody has a DNS server or a mail host; the process id makes two test files try different ones. */
async function freeBlock(): Promise<string> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const number = (process.pid * 101 + attempt * 7919) % (100 * 250)
    const block = `127.${100 + Math.floor(number / 250)}.${1 + (number % 250)}`
    if ((await isFree(`${block}.1`, port)) && (await isFree(`${block}.25`, 25)) && (await isFree(`${block}.10`, 53))) return block
  }
  throw new Error('No block of loopback addresses is free.')
}

async function isFree(address: string, at: number): Promise<boolean> {
  const tcp = createServer()
  const udp = createSocket('udp4')
  try {
    await Promise.all([once(tcp.listen(at, address), 'listening'), new Promise<void>((done, failed) => void udp.once('error', failed).bind(at, address, done))])
    return true
  } catch {
    return false
  } finally {
    tcp.close()
    udp.close()
  }
}
