// The embedded relay's process: Haraka with our plugin, and the control socket that window and command line ask.
import { createServer } from 'node:net'
import { once } from 'node:events'
import { chmod, copyFile, readdir, readFile, stat, truncate, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type DnsServerAddress, printDnsServer } from '../../../preload/contract/dns.ts'
import { Failure } from '../../../preload/contract/failure.ts'
import { worldOf } from '../../world/world-file.ts'
import type { World } from '../../world/world.ts'
import { serveControl } from './control.ts'
import { mostTargets } from './operations.ts'
import { Actions } from './actions.ts'
import { loadHaraka, writeConfig } from './haraka.ts'
import { Histories } from './histories.ts'
import { type Home, homeAt, makeHome } from './home.ts'
import { closeInherited } from './inherited.ts'
import { lockHolder, releaseLock, takeLock } from '../../world/lock.ts'
import { Ledger } from './ledger.ts'
import { Notices } from './notices.ts'
import { Plugin } from './plugin.ts'
import { Reading } from './reading.ts'
import { pruneRemovals } from '../removals.ts'
import { Router } from './route.ts'
import { defaultListen, parseListen, readSettings, type Settings } from './settings.ts'
import type { StartReport } from './start-report.ts'
import { Suspensions } from './suspensions.ts'

const report = (what: StartReport) => {
  if (process.connected) process.send?.(what)
}

/** Milliseconds between two looks at the home folder. */
const houseInterval = 5_000
const pruneInterval = 3_600_000
/** Messages that take a while to read; and milliseconds between two words of a change, for more and for fewer. */
const crowd = 2_000
const [toldOfCrowd, toldOfFew] = [500, 50]
/** Bytes. The last megabytes before are kept beside. */
const largestLog = 5 * 1024 * 1024

/** Ends a relay whose home folder went away or was taken over, which nobody could reach; keeps its log small. */
function keepHouse(home: Home, stop: () => Promise<void>): void {
  setInterval(() => {
    void lockHolder(home.lock).then((holder) => {
      if (holder !== process.pid) void stop()
    })
    // Appended to by this process: what is written after the cut lands at the new end.
    void stat(home.log).then(async ({ size }) => {
      if (size < largestLog) return
      await copyFile(home.log, `${home.log}.1`)
      await truncate(home.log)
    }).catch(() => {})
  }, houseInterval).unref()
  const prune = () => void pruneRemovals(home.removed).catch((error: unknown) => process.stderr.write(`${home.removed}: ${String(error)}\n`))
  setInterval(prune, pruneInterval).unref()
  prune()
}

/** Deliveries under way get this long to end before the process does; what was accepted is on disk in any case. */
const lastDeliveries = 3_000

async function run(): Promise<void> {
  const { values } = parseArgs({
    options: { home: { type: 'string' }, world: { type: 'string' }, 'with-parent': { type: 'boolean' } },
  })
  closeInherited()
  // Queue, settings and control socket are their owner's alone, from the moment they are made.
  process.umask(0o077)
  const home = homeAt(values.home)
  await makeHome(home)
  const holder = await takeLock(home.lock)
  if (holder !== null) return report({ alreadyRunning: holder })
  // The one who asked may be gone at any time; only in the lab and in tests the relay goes with it.
  process.on('disconnect', () => {
    if (values['with-parent']) process.exit(0)
  })
  try {
    await serve(home, await worldOf(values.world))
  } catch (error) {
    await releaseLock(home.lock)
    throw error
  }
}

async function serve(home: Home, world: World): Promise<void> {
  const { settings, listen } = await settle(home, world)
  await writeConfig(home, settings, { listen, patience: world.patience })

  let revision = 0
  let told: NodeJS.Timeout | undefined
  /** Nobody can listen before there is a control socket. */
  let announce = (_revision: number) => {}
  // A burst of mail is one change to those who watch; they ask for more where more waits.
  const tell = () => {
    revision++
    told ??= setTimeout(() => {
      told = undefined
      announce(revision)
    }, ledger.waiting > crowd ? toldOfCrowd : toldOfFew)
  }
  const histories = new Histories(home.attempts)
  const suspensions = await Suspensions.open(home.suspended)
  const ledger: Ledger = new Ledger({
    histories,
    suspensions,
    expiration: settings.limits.messageExpirationTimeout,
    delayNotice: settings.limits.delayNotificationTimeout,
    mostPerDomain: settings.limits.maxPerDomainOutboundConnections,
    isInbound: (domain) => settings.acceptedDomains.some((one) => one.domain.toLowerCase() === domain),
    changed: tell,
    turn: () => plugin.feed(),
  })
  const router = new Router(world, settings, listen)
  const since = new Date().toISOString()
  let served = () => {}
  const serving = new Promise<void>((resolve) => (served = resolve))
  const plugin = new Plugin({ settings, ledger, router, queueFolder: home.queue, world }, () => served())
  const haraka = loadHaraka(home, plugin.hooks, plugin.watch, world.patience)
  const notices = new Notices({ settings, ledger, queueFolder: home.queue, haraka })
  const actions = new Actions({ home, ledger, histories, suspensions, notices })

  let stopping = false
  const stop = async () => {
    if (stopping) return
    stopping = true
    control.stopping()
    plugin.close()
    haraka.stopListening()
    const until = Date.now() + lastDeliveries
    while (haraka.delivering() > 0 && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 20))
    await unlink(home.control).catch(() => {})
    await releaseLock(home.lock)
    process.exit(0)
  }

  const control = serveControl({
    state: async () => {
      await serving
      return {
        pid: process.pid,
        listening: printDnsServer(listen),
        since,
        version: haraka.version,
        waiting: ledger.waiting + reading.left,
        unreadable: (await readdir(home.unreadable)).length,
        reading: reading.state,
        useExternalForInternet: settings.lookups.useExternalForInternet,
        limits: settings.limits,
        inEffect: await router.inEffect(),
      }
    },
    queues: async ({ filter }) => ({ queues: ledger.queues(filter) }),
    messages: async ({ page, ...wanted }) => {
      reading.these(wanted.ids ?? [])
      const found = ledger.messages(wanted, page)
      if (!wanted.ids || wanted.brief) return found
      const stored = (id: string) => {
        const entry = ledger.find(id)
        return entry ? { stored: join(home.queue, entry.filename) } : {}
      }
      return { ...found, messages: found.messages.map((message) => ({ ...message, ...stored(message.id) })) }
    },
    select: async (wanted, { told }) => {
      if (wanted.ids) reading.these(wanted.ids)
      else reading.mustBeDone()
      const chosen = ledger.select(wanted)
      for (let at = 0; at < chosen.length; at += mostTargets) {
        told(chosen.slice(at, at + mostTargets).map(({ id, from, received }) => ({ id, from, received: received.toISOString() })))
        // Others are answered in between.
        await new Promise((resolve) => setImmediate(resolve))
      }
      return {}
    },
    actOnMessages: async ({ deed, targets, removal }, doing) => {
      reading.these(targets.map(({ id }) => id))
      await actions.messages(deed, targets, removal, doing)
      return {}
    },
    actOnQueues: async ({ deed, nextHops }, doing) => {
      await actions.queues(deed, nextHops, doing)
      return {}
    },
    putBack: async ({ removal }, doing) => {
      reading.mustBeDone()
      await actions.putBack(removal, doing)
      return {}
    },
    resolve: async ({ name, type }, { signal }) => router.resolve(name, type, signal),
    drain: async () => {
      haraka.stopListening()
      return { delivering: ledger.delivering }
    },
    stop: async () => {
      // After the answer went out.
      setImmediate(() => void stop())
      return {}
    },
  })
  announce = (changed) => control.changed(changed)
  const reading = await Reading.begin(home, ledger, histories)
  // What is soon read is known before anybody can ask.
  if (reading.left <= crowd) await reading.done
  // Only the holder of the lock comes here: a socket that lies there is a dead relay's.
  await unlink(home.control).catch(() => {})
  control.server.listen(home.control)
  await once(control.server, 'listening')
  await chmod(home.control, 0o600).catch(() => {})

  plugin.use(haraka, notices)
  haraka.start()
  process.on('SIGINT', () => void stop())
  process.on('SIGTERM', () => void stop())
  await serving
  report({ serving: true })
  void reading.done.then(() => {
    plugin.begin()
    // What waited longer than the limit while the relay was down is told once it was tried again.
    notices.tellDelayed()
  })
  keepHouse(home, stop)
}

/** Settings with an address to listen on. A new home gets a free port where the usual one is taken, and keeps it. */
async function settle(home: Home, world: World): Promise<{ settings: Settings; listen: DnsServerAddress }> {
  const settings = await readSettings(home)
  const chosen = await readFile(home.chosenListen, 'utf8').then((text) => text.trim(), () => undefined)
  const wanted = parseListen(settings.listen ?? chosen ?? defaultListen)
  if (!wanted) throw new Failure('bad-input', `${settings.listen ?? chosen} is no address to listen on.`)
  let listen = world.reach(wanted.address, wanted.port)
  const problem = await portProblem(listen)
  if (problem) {
    const mapped = listen.address !== wanted.address || listen.port !== wanted.port
    if (problem !== 'EADDRINUSE' || settings.listen !== undefined || chosen !== undefined || mapped) throw portFailure(home, listen, problem)
    listen = { address: wanted.address, port: await freePort(wanted.address) }
    process.stderr.write(`${defaultListen} is taken by another program: this relay listens on ${printDnsServer(listen)}.\n`)
    // Not into the settings: those are the administrator's, and a change to them is compared byte for byte.
    await writeFile(home.chosenListen, `${printDnsServer(listen)}\n`)
  }
  return { settings, listen }
}

async function portProblem({ address, port }: DnsServerAddress): Promise<string | null> {
  const probe = createServer()
  return new Promise((resolve) => {
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    probe.listen({ host: address, port, exclusive: true }, () => probe.close(() => resolve(null)))
  })
}

async function freePort(address: string): Promise<number> {
  const probe = createServer().listen(0, address)
  await once(probe, 'listening')
  const at = probe.address()
  probe.close()
  await once(probe, 'close')
  if (at === null || typeof at === 'string') throw new Error('no port is free')
  return at.port
}

function portFailure(home: Home, listen: DnsServerAddress, problem: string): Failure {
  const where = printDnsServer(listen)
  if (problem === 'EACCES')
    return new Failure('needs-administrator', `Listening on ${where} needs an administrator.`, `Choose a port above 1023: “listen” in ${home.settings}.`)
  if (problem === 'EADDRINUSE')
    return new Failure('failed', `The port ${where} is taken by another program.`, `End that program, or choose another port: “listen” in ${home.settings}.`)
  return new Failure('failed', `The relay cannot listen on ${where}: ${problem}.`, `Choose another address: “listen” in ${home.settings}.`)
}

run().catch((error: unknown) => {
  const failure = error instanceof Failure ? error : new Failure('failed', error instanceof Error ? error.message : String(error))
  process.stderr.write(`${failure.message} ${failure.remedy ?? ''}\n`)
  report({ failed: failure.value })
  process.exitCode = 1
  if (process.connected) process.disconnect()
})
