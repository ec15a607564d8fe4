// The whole incident from the command line: real relay, real DNS servers, real destination, all gone afterwards.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { run, start } from './edgewise-process.ts'
import wrongAdapter from '../../main/lab/scenarios/wrong-adapter.json' with { type: 'json' }

let folder: string
let temporary: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'edgewise-test-'))
  temporary = join(folder, 'tmp')
  mkdirSync(temporary)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const env = () => ({ TMPDIR: temporary, TEMP: temporary })
const home = () => ['--home', join(folder, 'home')]

/** Command lines of processes that know the test's folder, where the system shows them. */
function processes(): string[] {
  let ids: string[]
  try {
    ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  } catch {
    return []
  }
  return ids.map(commandLine).filter((line) => line.includes(folder))
}

function commandLine(id: string): string {
  try {
    return readFileSync(`/proc/${id}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    return ''
  }
}

async function nothingIsLeft() {
  expect(readdirSync(temporary)).toEqual([])
  await expect.poll(processes, { timeout: 10_000 }).toEqual([])
  expect(readdirSync(folder)).not.toContain('home')
}

function scenarioFile(change: object): string {
  const file = join(folder, 'scenario.json')
  writeFileSync(file, JSON.stringify({ ...wrongAdapter, ...change }))
  return file
}

describe('edgewise rehearse', () => {
  it('ends with the mail delivered', async () => {
    const ended = await run(['rehearse', 'wrong-adapter', '--json', ...home()], env())
    expect(ended).toMatchObject({ code: 0, stderr: '' })
    const outcome = ended.json()
    expect(outcome).toEqual({
      scenario: 'wrong-adapter',
      before: { waiting: 1, lastError: '451 4.4.0 DNS query failed. The error was: 203.0.113.53 answered SERVFAIL' },
      causes: ['dns-wrong-adapter'],
      remedy: 'use-adapter:LAN',
      after: { waiting: 0, delivered: 1 },
      result: 'delivered',
      expected: { causes: ['dns-wrong-adapter'], remedy: 'use-adapter:LAN', result: 'delivered' },
      named: ['dns-wrong-adapter'],
      false: [],
      missed: [],
      seconds: expect.any(Number),
      asExpected: true,
    })
    expect(ended.lines().slice(0, -1)).toEqual(ended.lines().slice(0, -1).map(() => ({ text: expect.any(String) })))
    await nothingIsLeft()
  })

  it('plays wrong-adapter where nothing is named, and tells it to people', async () => {
    const { code, stdout } = await run(['rehearse', ...home()], env())
    expect(code).toBe(0)
    expect(stdout).toMatch(/waits: 451 4\.4\.0 DNS query failed/)
    expect(stdout).toMatch(/^Result +delivered$/m)
    await nothingIsLeft()
  })

  it('lists the scenarios', async () => {
    expect((await run(['rehearse', '--list', '--json'])).json()).toEqual({ scenarios: expect.arrayContaining([{ name: 'wrong-adapter', title: expect.any(String) }]) })
    expect((await run(['rehearse', '--list'])).stdout).toMatch(/^wrong-adapter +\S/m)
  })

  it('plays a file: nothing wrong', async () => {
    const lookups = { internal: { adapter: 'LAN' }, external: { adapter: 'LAN' } }
    const expected = { causes: [], remedy: null, result: 'nothing wrong' }
    const ended = await run(['rehearse', '--scenario', scenarioFile({ name: 'mine', lookups, expected }), '--json', ...home()], env())
    expect(ended.code).toBe(0)
    expect(ended.json()).toMatchObject({ scenario: 'mine', before: { waiting: 0, lastError: null }, causes: [], remedy: null, after: { waiting: 0, delivered: 1 }, result: 'nothing wrong', expected, asExpected: true })
    await nothingIsLeft()
  })

  it('ends with 1 where a file expects something else, and says what', async () => {
    const expected = { causes: ['ptr-missing'], result: 'still waiting' }
    const { code, stdout } = await run(['rehearse', '--scenario', scenarioFile({ expected }), ...home()], env())
    expect(code).toBe(1)
    expect(stdout).toMatch(/^As expected +no: still waiting, ptr-missing$/m)
    await nothingIsLeft()
  })

  it('refuses a file with a field that it does not know, by its name', async () => {
    const ended = await run(['rehearse', '--scenario', scenarioFile({ colour: 'red' }), '--json', ...home()], env())
    expect(ended.code).toBe(2)
    expect(ended.json()).toMatchObject({ error: { code: 'bad-input', message: expect.stringContaining('Unrecognized key: "colour"'), remedy: expect.stringContaining('README.md') } })
  })

  it('plays all, and cancelled takes everything with it', async () => {
    const playing = start(['rehearse', '--all', '--json', ...home()], env())
    await playing.said(/"asExpected"/)
    playing.child.kill('SIGINT')
    const ended = await playing.ended
    expect(ended.code).toBe(130)
    expect(ended.lines()[0]).toMatchObject({ scenario: expect.any(String), asExpected: expect.any(Boolean), seconds: expect.any(Number), failure: null })
    expect(ended.json()).toEqual({ error: { code: 'cancelled', message: 'The rehearsal was cancelled.' } })
    await nothingIsLeft()
  })

  it('does not play all and one at once', async () => {
    expect((await run(['rehearse', '--all', '--list'])).code).toBe(2)
    expect((await run(['rehearse', 'healthy', '--all'])).code).toBe(2)
  })

  it('plays a file: a destination that takes nothing, which ends with 1', async () => {
    const ended = await run(['rehearse', '--scenario', scenarioFile({ destinations: [{ address: '198.51.100.25', accepts: false }] }), '--json', ...home()], env())
    expect(ended.code).toBe(1)
    expect(ended.json()).toMatchObject({ causes: ['dns-wrong-adapter', 'destination-busy'], remedy: 'use-adapter:LAN', after: { waiting: 1, delivered: 0 }, result: 'still waiting' })
    await nothingIsLeft()
  })

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('cancelled by %s takes everything with it', async (signal) => {
    const playing = start(['rehearse', '--json', ...home()], env())
    await playing.said(/"text"/)
    playing.child.kill(signal)
    const ended = await playing.ended
    expect(ended.code).toBe(130)
    expect(ended.json()).toEqual({ error: { code: 'cancelled', message: 'The rehearsal was cancelled.' } })
    await nothingIsLeft()
  })

  it('killed, leaves no process behind', async () => {
    const playing = start(['rehearse', '--json', ...home()], env())
    await playing.said(/waits: /)
    playing.child.kill('SIGKILL')
    await playing.ended
    await expect.poll(processes, { timeout: 10_000 }).toEqual([])
  })

  it('ends quietly when its reader has had enough', async () => {
    const playing = start(['rehearse', ...home()], env())
    await playing.said(/waits: /)
    playing.child.stdout?.destroy()
    expect(await playing.ended).toMatchObject({ stderr: '' })
    await nothingIsLeft()
  })

  it('can be played twice at once', async () => {
    const both = await Promise.all([1, 2].map(() => run(['rehearse', '--json', ...home()], env())))
    expect(both.map((ended) => ended.json()['result'])).toEqual(['delivered', 'delivered'])
    await nothingIsLeft()
  })
})
