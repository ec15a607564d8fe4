// `edgewise diagnose` as a process of its own, in the world of a test's machine.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { submit } from '../../main/lab/submit.ts'
import { machine, type Machine } from './edgewise-process.ts'

let edge: Machine
beforeAll(async () => {
  edge = await machine()
  expect((await edge.run('lookups', 'set', 'internal', '--adapter', 'LAN')).code).toBe(0)
  expect((await edge.run('service', 'start')).code).toBe(0)
})
afterAll(() => edge?.end())

it('ends with 0 where nothing is wrong, and says what was looked at', async () => {
  const { code, stdout } = await edge.run('diagnose', 'alice@example.test')
  expect(code).toBe(0)
  expect(stdout).toContain('mail.example.test [198.51.100.25]: takes mail up to RCPT TO for alice@example.test')
  expect(stdout).toMatch(/Outcome +Nothing wrong was found with mail for example\.test\./)
  expect(stdout).toMatch(/Looked at +10 checks, \d+ findings in/)
  expect(edge.arrived()).toEqual([])
})

it.each(['nonsense', 'alice@', '"*'])('ends with 2 for “%s”, which is no target', async (target) => {
  const { code, json } = await edge.run('diagnose', target, '--json')
  expect(code).toBe(2)
  expect(json()).toMatchObject({ error: { message: expect.stringContaining(target), remedy: expect.any(String) } })
})

it('keeps the egress address, and forgets it', async () => {
  expect((await edge.run('diagnose', 'example.test', '--egress', '192.0.2.77', '--json')).json()).toMatchObject({ diagnosis: { egress: { address: '192.0.2.77', source: 'given' } } })
  expect((await edge.run('diagnose', 'example.test', '--json')).json()).toMatchObject({ diagnosis: { egress: { address: '192.0.2.77' } } })
  expect((await edge.run('diagnose', 'example.test', '--egress', 'none', '--json')).json()).toMatchObject({ diagnosis: { egress: { address: '203.0.113.12', source: 'local' } } })
  const { code, stderr } = await edge.run('diagnose', 'example.test', '--egress', 'here')
  expect([code, stderr]).toEqual([2, expect.stringContaining('“here” is not an IP address')])
})

describe('where mail waits for the wrong adapter', () => {
  beforeAll(async () => {
    expect((await edge.run('lookups', 'set', 'internal', '--adapter', 'DMZ')).code).toBe(0)
    expect((await edge.run('service', 'restart')).code).toBe(0)
    await submit({ address: '127.0.0.1', port: edge.port }, { from: 'bob@corp.test', to: 'alice@example.test', subject: 'Waits' }, AbortSignal.timeout(10_000))
  })
  it('ends with 1, streams findings, and names cause and remedy', async () => {
    const { code, lines, json } = await edge.run('diagnose', '*', '--json')
    expect(code).toBe(1)
    expect(lines().slice(0, -1).map(({ kind }) => kind)).toEqual(expect.arrayContaining(['check began', 'finding', 'check ended']))
    expect(json()).toMatchObject({ diagnosis: { healthy: false, causes: expect.arrayContaining([expect.objectContaining({ name: 'dns-wrong-adapter', proof: 'proven', remedies: [expect.objectContaining({ name: 'use-adapter:LAN' })] })]) } })
  })
  it('saves a report for others', async () => {
    const [html, json] = [join(edge.folder, 'report.html'), join(edge.folder, 'report.json')]
    expect((await edge.run('diagnose', '*', '--report', html)).code).toBe(1)
    expect((await edge.run('diagnose', '*', '--report', json)).code).toBe(1)
    expect(readFileSync(html, 'utf8')).toMatch(/^<!doctype html>[^]*dns-wrong-adapter: proven/)
    expect(JSON.parse(readFileSync(json, 'utf8'))).toMatchObject({ diagnosis: { causes: expect.arrayContaining([expect.objectContaining({ name: 'dns-wrong-adapter' })]) } })
    expect(readFileSync(html, 'utf8') + readFileSync(json, 'utf8')).not.toMatch(/alice|bob@/)
    expect((await edge.run('diagnose', '*', '--report', join(edge.folder, 'no', 'such', 'place'))).code).toBe(1)
  })
  it('cures it, looks again and ends with 0', async () => {
    const { code, stdout } = await edge.run('diagnose', '*', '--cure')
    expect(code).toBe(0)
    expect(stdout).toContain('Remedy: Ask the DNS servers of “LAN”. Kept: ')
    expect(stdout).toContain('dns-wrong-adapter is gone.')
    expect(edge.arrived()).toEqual(['Waits'])
  })
})
