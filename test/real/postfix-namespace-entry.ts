// What is tried in a mount namespace whose /etc is a copy, bundled for a process of its own that lives in it. The first
// word names what is tried, the second is the folder of a Postfix of the test's own; it prints what came of it.
import { mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openLocal, openOthers } from '../../main/edge-servers.ts'
import { findMaster } from '../../main/transport/postfix/master.ts'
import { PostfixTransport } from '../../main/transport/postfix/postfix.ts'
import { worldOf } from '../../main/world/world-file.ts'

const [what = '', folder = ''] = process.argv.slice(2)
const configDir = join(folder, 'config')
const home = join(folder, 'home')
const system = '/etc/resolv.conf'
const signal = AbortSignal.timeout(50_000)

/** As a DHCP client or systemd-resolved does it. */
async function replaced(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text)
  await rename(`${path}.new`, path)
}

/** `copy` is the chroot's, where the smtp client reads it; else that client is not chrooted. */
async function resolvConf(which: 'file' | 'link' | 'copy') {
  const isLink = which === 'link'
  const file = isLink ? '/etc/resolved/stub-resolv.conf' : system
  const replacedOne = which === 'copy' ? join(folder, 'queue/etc/resolv.conf') : file
  const masterCf = join(configDir, 'master.cf')
  const services = await readFile(masterCf, 'utf8')
  await writeFile(masterCf, services.replace(/^(smtp\s+unix\s+\S+\s+\S+\s+)\S/m, `$1${which === 'copy' ? 'y' : 'n'}`))
  await mkdir('/etc/resolved', { recursive: true })
  await rm(system, { force: true })
  await writeFile(file, 'nameserver 127.0.0.53\n')
  if (isLink) await symlink('resolved/stub-resolv.conf', system)
  const transport = new PostfixTransport({ configDir, home, world: await worldOf(undefined) })
  const told = async () => {
    const { service, restartNeeded, inEffect } = await transport.properties()
    return { note: service.note, restartNeeded, servers: inEffect?.internal.servers }
  }
  await transport.write((await transport.compose({ lookups: { internal: { source: { kind: 'servers', servers: ['127.9.9.9'] }, protocol: 'any' } } })).after)
  await transport.control('start', { signal })
  const first = await told()
  await replaced(replacedOne, 'nameserver 127.0.0.99\n')
  const after = await told()
  const put = await readFile(replacedOne, 'utf8')
  await transport.control('restart', { signal })
  const restarted = await told()
  await transport.control('stop', { signal })
  await transport.close()
  return { first, after, put, restarted }
}

/** The system's own Postfix with a second instance beside it, as postmulti makes it. */
async function instances() {
  const second = '/etc/postfix-two'
  const two = { queue: join(folder, 'two-queue'), data: join(folder, 'two-data') }
  const mainCf = await readFile(join(configDir, 'main.cf'), 'utf8')
  const masterCf = await readFile(join(configDir, 'master.cf'), 'utf8')
  await mkdir(second)
  for (const path of Object.values(two)) await mkdir(path)
  await writeFile('/etc/postfix/main.cf', `${mainCf}multi_instance_enable = yes\nmulti_instance_wrapper = \${command_directory}/postmulti -p --\nmulti_instance_directories = ${second}\n`)
  await writeFile('/etc/postfix/master.cf', masterCf)
  await writeFile(join(second, 'main.cf'), `${mainCf}queue_directory = ${two.queue}\ndata_directory = ${two.data}\nmulti_instance_enable = yes\nmulti_instance_name = postfix-two\nmulti_instance_group = edge\n`)
  await writeFile(join(second, 'master.cf'), masterCf)
  const world = await worldOf(undefined)
  const start = { home, transport: 'postfix' } as const
  const local = await openLocal(start, { world, isElevated: false })
  const others = await openOthers(local, start, { world, isElevated: false })
  await local.transport.control('start', { signal })
  const masters = { own: (await findMaster({ queueDir: join(folder, 'queue') })) !== null, two: (await findMaster({ queueDir: two.queue })) !== null }
  const listed = await Promise.all(others.map(async ({ id, transport }) => ({ id, state: (await transport.serviceState()).state, name: (await transport.properties()).name })))
  const elevated = async (path: string) => openLocal({ ...start, configDir: path }, { world, isElevated: true }).then((edge) => edge.close().then(() => 'opened'), (error: unknown) => String(error))
  const rights = { own: await elevated('/etc/postfix'), two: await elevated(second), foreign: await elevated(configDir) }
  await local.transport.control('stop', { signal })
  for (const edge of [local, ...others]) await edge.close()
  return { masters, listed, rights }
}

const found = what === 'instances' ? await instances() : await resolvConf(what === 'link' || what === 'copy' ? what : 'file')
console.log(JSON.stringify(found))
process.exit(0)
