import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addressesIn, parseHosts, printHosts, readHosts } from '../../main/hosts/lines.ts'

const hosts = (text: string) => parseHosts(Buffer.from(text))
const entries = (text: string) => hosts(text).lines.flatMap(({ entry }) => entry ?? [])

describe('lines', () => {
  test('give address, names, comment and number', () => {
    expect(entries('# head\n10.0.0.1\tmx.example.test  MX # the relay \n\nfe80::1%eth0 near\n')).toEqual([
      { address: '10.0.0.1', names: ['mx.example.test', 'MX'], comment: 'the relay', line: 2 },
      { address: 'fe80::1%eth0', names: ['near'], comment: null, line: 4 },
    ])
  })

  test.each([
    ['a disabled line', '#10.0.0.1 mx.test'],
    ['a disabled line with a space before', '  # 10.0.0.1 mx.test'],
    ['an address without a name', '10.0.0.1'],
    ['an address whose names are a comment', '10.0.0.1 # mx.test'],
    ['a name first', 'mx.test 10.0.0.1'],
    ['three numbers', '10.0.1 mx.test'],
    ['spaces', ' \t '],
  ])('%s has no entry', (_, line) => {
    expect(hosts(`${line}\r\n`).lines).toMatchObject([{ entry: null }])
  })

  test('may have a BOM, CRLF, and no end of the last line', () => {
    expect(entries('\ufeff10.0.0.1 one\r\n10.0.0.2 two').map(({ names }) => names)).toEqual([['one'], ['two']])
  })

  test('in UTF-16 have no entries and stay as they are', () => {
    const bytes = Buffer.from('\ufeff10.0.0.1 one\r\n', 'utf16le')
    expect(parseHosts(bytes).lines.flatMap(({ entry }) => entry ?? [])).toEqual([])
    expect(printHosts(parseHosts(bytes))).toEqual(bytes)
  })

  test('are printed byte for byte, whatever they are', () => {
    const piece = fc.oneof(fc.constantFrom('10.0.0.1', '::1', ' ', '\t', '#', '\n', '\r\n', '\r', 'a.test', '\ufeff', '\0').map((text) => Buffer.from(text)), fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.from(bytes)))
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        const bytes = Buffer.concat(pieces)
        expect(printHosts(parseHosts(bytes)).equals(bytes)).toBe(true)
      }),
    )
  })
})

describe('addresses of a name', () => {
  const file = hosts('10.0.0.1 one ONE.test\n10.0.0.2 one.test\n# 10.0.0.3 two\nfd00::1 one.TEST.\nfd00::2 one.test\n')

  test('are those of the first line of each family', () => {
    expect(addressesIn(file, 'one.test')).toEqual(['10.0.0.1', 'fd00::1'])
  })

  test('are found in any case, with and without the last dot', () => {
    expect(addressesIn(file, 'One.Test.')).toEqual(['10.0.0.1', 'fd00::1'])
  })

  test('are none for a disabled name, a part of a name and no name', () => {
    for (const name of ['two', 'test', 'one.tes', '']) expect(addressesIn(file, name)).toEqual([])
  })
})

describe('the file', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'edgewise-hosts-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  test('is read', async () => {
    await writeFile(join(folder, 'hosts'), '10.0.0.1 one\n')
    expect(addressesIn(await readHosts(join(folder, 'hosts')), 'one')).toEqual(['10.0.0.1'])
  })

  test('has no entries where it does not exist', async () => {
    expect(await readHosts(join(folder, 'missing'))).toMatchObject({ lines: [] })
  })

  test('that is a folder is refused', async () => {
    await expect(readHosts(folder)).rejects.toMatchObject({ name: 'Failure', code: 'failed', message: expect.stringContaining(folder) })
  })

  test('that is a pipe is refused, not waited for', async () => {
    execFileSync('mkfifo', [join(folder, 'pipe')])
    await expect(readHosts(join(folder, 'pipe'))).rejects.toMatchObject({ message: expect.stringContaining('is not a file') })
  })

  test('may be large', async () => {
    const line = '0.0.0.0 ads.example.test # blocked\n'
    const large = parseHosts(Buffer.from(line.repeat(200_000) + '10.0.0.1 last\n'))
    expect(addressesIn(large, 'last')).toEqual(['10.0.0.1'])
    expect(large.lines.length).toBe(200_001)
  })
})
