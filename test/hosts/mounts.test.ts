// Saves where the file system is in the way: full, read-only, mounted over, another user's. In a mount namespace of the
// test's own, so that nothing of it is seen or left outside.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bundled } from '../bench/bundle.mjs'

const why = spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0 ? null : 'mounts are not permitted here'
const noSkip = process.env['EDGEWISE_NO_SKIP'] === '1'
const old = '10.0.0.1 old\n'

interface Told {
  notes?: string[]
  failure?: { code: string; message: string; remedy?: string }
  content?: string
  sameFile?: boolean
  left?: string[]
}

describe.skipIf(why !== null && !noSkip)(`a save${why === null ? '' : ` (${why})`}`, () => {
  let product: Awaited<ReturnType<typeof bundled>>
  let folder = ''
  beforeAll(async () => {
    product = await bundled('test/hosts/product.ts')
    folder = mkdtempSync(join(tmpdir(), 'edgewise-mounts-'))
  })
  afterAll(() => {
    product?.end()
    rmSync(folder, { recursive: true, force: true })
  })

  /** `script` runs before it, with $F as a folder whose `etc/hosts` is the file. */
  const saved = (script: string, text = '10.0.0.2 new\n', ...uid: string[]): Told => {
    rmSync(folder, { recursive: true, force: true })
    const words = [process.execPath, join(import.meta.dirname, 'saves.mjs'), product.file, join(folder, 'etc/hosts'), text, ...uid]
    const made = `set -e; mkdir -p $F/etc $F/other; chmod 755 $F $F/etc; printf '${old}' > $F/etc/hosts; ${script}; "$@"`
    return JSON.parse(execFileSync('unshare', ['-m', 'sh', '-c', made, 'sh', ...words], { env: { ...process.env, F: folder }, encoding: 'utf8', timeout: 30_000 })) as Told
  }
  const onTmpfs = (size: string) => `mount -t tmpfs -o size=${size},mode=755 tmpfs $F/etc; printf '${old}' > $F/etc/hosts`
  const fill = 'dd if=/dev/zero of=$F/etc/full bs=4k 2>/dev/null || true'
  const refused = (message: string, code = 'failed') => ({ failure: { code, message: expect.stringContaining(message), remedy: expect.any(String) }, content: old, left: [] })

  test('on a full disk says so and leaves what stood there', () => {
    expect(saved(`${onTmpfs('1m')}; ${fill}`, 'large')).toMatchObject(refused('the disk is full (ENOSPC)'))
  })

  test('in place on a full disk puts back what stood there', () => {
    expect(saved(`${onTmpfs('1m')}; ln $F/etc/hosts $F/etc/also; ${fill}`, 'large')).toMatchObject({ ...refused('the disk is full (ENOSPC)'), sameFile: true })
  })

  test('on a file system mounted read-only', () => {
    expect(saved(`${onTmpfs('1m')}; mount -o remount,ro $F/etc`)).toMatchObject(refused('mounted read-only (EROFS)'))
  })

  test('of a mounted file goes in place, and says so before', () => {
    const mounted = 'printf "$(cat $F/etc/hosts)\\n" > $F/other/real; mount --bind $F/other/real $F/etc/hosts'
    expect(saved(mounted)).toEqual({ notes: ['in place, since the file is mounted'], content: '10.0.0.2 new\n', sameFile: true, left: [] })
    expect(saved(`${mounted}; mount -o remount,bind,ro $F/etc/hosts`)).toMatchObject(refused('mounted read-only (EROFS)'))
  })

  test('where a rename is refused (EBUSY) without a list of mounts that tells why, goes in place', () => {
    expect(saved('cp $F/etc/hosts $F/other/real; mount --bind $F/other/real $F/etc/hosts; mount -t tmpfs tmpfs /proc')).toEqual({ notes: [], content: '10.0.0.2 new\n', sameFile: true, left: [] })
  })

  test('on a mount point whose name has a space', () => {
    expect(saved('mkdir "$F/a b"; cp $F/etc/hosts "$F/a b/hosts"; cp $F/etc/hosts $F/other/real; mount --bind $F/other/real "$F/a b/hosts"; rm $F/etc/hosts; ln -s "../a b/hosts" $F/etc/hosts')).toMatchObject({
      notes: [`“${join(folder, 'a b/hosts')}”, where the link leads`, 'in place, since the file is mounted'],
      content: '10.0.0.2 new\n',
    })
  })

  test('by somebody who may write the file and not its folder, goes in place', () => {
    expect(saved('chown 65534 $F/etc/hosts', '10.0.0.2 new\n', '65534')).toEqual({ notes: ['in place, since its folder may not be written'], content: '10.0.0.2 new\n', sameFile: true, left: [] })
  })

  test('by somebody who owns the folder and not the file keeps its owner, in place', () => {
    expect(saved('chown 65534 $F/etc; chmod 666 $F/etc/hosts', '10.0.0.2 new\n', '65534')).toEqual({ notes: [], content: '10.0.0.2 new\n', sameFile: true, left: [] })
  })

  test('of a read-only file in place, by its owner, leaves it read-only', () => {
    expect(saved('chown 65534 $F/etc $F/etc/hosts; ln $F/etc/hosts $F/etc/also; chmod 444 $F/etc/hosts', '10.0.0.2 new\n', '65534')).toMatchObject({ content: '10.0.0.2 new\n', sameFile: true })
    expect(execFileSync('stat', ['-c', '%a', join(folder, 'etc/hosts')], { encoding: 'utf8' })).toBe('444\n')
  })

  test('by somebody who may write neither needs an administrator', () => {
    expect(saved('true', 'new', '65534')).toMatchObject(refused('Only an administrator may write the hosts file', 'needs-administrator'))
  })
})
