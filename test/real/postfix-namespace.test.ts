// What would touch the machine's own /etc, on a real Postfix in a mount namespace whose /etc is a copy: a resolv.conf that
// is replaced while Postfix runs, and a second instance beside the system's own.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, describe } from 'vitest'
import { bundled } from '../bench/bundle.mjs'
import { type Instance, openInstance, whyNoPostfix } from './postfix-instance.ts'

const run = promisify(execFile)
const why = whyNoPostfix()

/** $1 is a folder for the copy. */
const inCopy = 'set -e; cp -a /etc "$1/etc"; mount --bind "$1/etc" /etc; shift; exec "$@"'

describe.skipIf(why !== null)(`Postfix in a namespace of its own${why === null ? '' : ` (${why})`}`, { timeout: 60_000 }, () => {
  let bundle: Awaited<ReturnType<typeof bundled>>
  let own: Instance
  beforeAll(async () => void (bundle = await bundled('test/real/postfix-namespace-entry.ts')), 60_000)
  afterAll(() => bundle?.end())
  beforeEach(async () => void (own = await openInstance()), 60_000)
  afterEach(() => own?.end(), 30_000)

  const tried = async (what: string) => {
    const { stdout } = await run('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', inCopy, 'sh', own.folder, process.execPath, bundle.file, what, own.folder], { timeout: 55_000 })
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as unknown
  }
  const chosen = { note: null, restartNeeded: false, servers: ['127.9.9.9'] }

  it('says at once that the system’s resolv.conf was replaced, and what it asks since then', async () => {
    expect(await tried('file')).toEqual({
      first: chosen,
      after: { note: expect.stringMatching(/^\/etc\/resolv\.conf was replaced while Postfix ran .* it asks 127\.0\.0\.99 since then\. A restart/), restartNeeded: true, servers: ['127.0.0.99'] },
      put: 'nameserver 127.0.0.99\n',
      restarted: chosen,
    })
  })

  it('says so, too, where the chroot’s copy was, as Debian does it when the system’s own changes', async () => {
    expect(await tried('copy')).toMatchObject({
      first: chosen,
      after: { note: expect.stringContaining(`${own.queueDir}/etc/resolv.conf was replaced while Postfix ran`), restartNeeded: true, servers: ['127.0.0.99'] },
      restarted: chosen,
    })
  })

  it('goes on to ask what is chosen where the system’s resolv.conf is a link and what it leads to is replaced', async () => {
    expect(await tried('link')).toEqual({ first: chosen, after: chosen, put: 'nameserver 127.0.0.99\n', restarted: chosen })
  })

  it('is one of the instances that the system lists; each is started by itself, and only these are opened with more rights', async () => {
    expect(await tried('instances')).toEqual({
      masters: { own: true, two: false },
      listed: [{ id: 'postfix:postfix-two', state: 'stopped', name: 'postfix-two' }],
      rights: { own: 'opened', two: 'opened', foreign: expect.stringContaining('is no instance that this system') },
    })
  })
})
