import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { causeNames } from '../../preload/contract/diagnosis.ts'
import { Failure } from '../../preload/contract/failure.ts'
import { allScenarios, findScenario, listScenarios } from '../../main/lab/library.ts'
import { readScenario } from '../../main/lab/scenario.ts'
import { isPublicAddress } from '../../main/world/public-address.ts'
import wrongAdapter from '../../main/lab/scenarios/wrong-adapter.json' with { type: 'json' }

function refusal(change: object): string {
  try {
    readScenario({ ...structuredClone(wrongAdapter), ...change })
  } catch (error) {
    if (error instanceof Failure && error.code === 'bad-input') return error.message
    throw error
  }
  throw new Error('It was not refused.')
}

describe('a scenario', () => {
  it('is found by its name, and every one that comes with Edgewise can be read', () => {
    for (const { name, title } of listScenarios()) expect(findScenario(name)).toMatchObject({ name, title })
    expect(listScenarios().map(({ name }) => name)).toContain('wrong-adapter')
  })

  it('is found in the file of its name, of which there is none without', () => {
    const files = readdirSync(join(import.meta.dirname, '../../main/lab/scenarios')).filter((file) => file.endsWith('.json'))
    expect(listScenarios().map(({ name }) => `${name}.json`).sort()).toEqual(files.sort())
  })

  it('there is for every cause, some with two faults and some with none', () => {
    const expected = allScenarios().map(({ expected: { causes } }) => causes)
    const played = new Set(expected.flat())
    const missing = causeNames.filter((name) => !played.has(name))
    expect(missing).toEqual([])
    expect([...played].filter((name) => !causeNames.some((known) => known === name))).toEqual([])
    expect(expected.filter(({ length }) => length === 0).length).toBeGreaterThanOrEqual(5)
    expect(expected.filter(({ length }) => length === 2).length).toBeGreaterThanOrEqual(4)
  })

  it('uses names and addresses of the documentation only', () => {
    const texts = allScenarios().map((scenario) => JSON.stringify(scenario))
    const addresses = new Set(texts.flatMap((text) => text.match(/\b\d{1,3}(\.\d{1,3}){3}\b/g) ?? []))
    expect([...addresses].filter((address) => isPublicAddress(address) && !/^(198\.51\.100|203\.0\.113|192\.0\.2)\./.test(address))).toEqual([])
    expect(texts.flatMap((text) => text.match(/@[a-z\d.-]+/gi) ?? []).filter((domain) => !/(\.test|[@.]example\.(com|net|org))$/.test(domain))).toEqual([])
  })

  it('that is not there is told with those that are', () => {
    expect(() => findScenario('wrong-adaptor')).toThrow(expect.objectContaining({ code: 'not-found', message: 'There is no scenario “wrong-adaptor”.', remedy: expect.stringMatching(/^There are: .*\bwrong-adapter\b/) }))
  })

  it('can be given whole', () => {
    expect(findScenario({ ...wrongAdapter, name: 'mine' }).name).toBe('mine')
  })

  it.each([
    ['a field at the top', { colour: 'red' }, /Unrecognized key: "colour"/],
    ['a field inside', { dnsServers: [{ address: '10.0.0.10', behaviour: 'answer', speed: 9 }] }, /dnsServers\.0: Unrecognized key: "speed"/],
    ['a behaviour that no server has', { dnsServers: [{ address: '10.0.0.10', behaviour: 'moody' }] }, /dnsServers\.0\.behaviour/],
    ['a DNS server by name', { dnsServers: [{ address: 'dns.test', behaviour: 'answer' }] }, /dnsServers\.0\.address: “dns.test” is not an IP address/],
    ['a record that is none', { zone: ['example.test MX mail.example.test'] }, /zone\.0: .*a preference and a host name/],
    ['lookups of an adapter that is not there', { lookups: { internal: { adapter: 'WAN' }, external: { allAdapters: true } } }, /lookups\.internal\.adapter: there is no adapter “WAN”; there are LAN, DMZ/],
    ['two sources at once', { lookups: { internal: { adapter: 'LAN', servers: ['10.0.0.1'] }, external: { allAdapters: true } } }, /lookups\.internal: exactly one of/],
    ['no source', { lookups: { internal: {}, external: { allAdapters: true } } }, /lookups\.internal: exactly one of/],
    ['two adapters of one id', { adapters: [{ name: 'LAN', addresses: [] }, { name: 'LAN', addresses: [] }] }, /adapters\.1: another adapter has the id “LAN”/],
    ['two servers at one address', { dnsServers: [{ address: '10.0.0.10', behaviour: 'answer' }, { address: '10.0.0.10:53', behaviour: 'silent' }] }, /dnsServers\.1\.address: this DNS server is listed twice/],
    ['an address without its prefix', { adapters: [{ name: 'LAN', addresses: ['10.0.0.12'] }] }, /adapters\.0\.addresses\.0: an address in CIDR form is wanted/],
    ['a liar without its lies', { dnsServers: [{ address: '10.0.0.10', behaviour: 'lie' }] }, /dnsServers\.0\.addresses: a DNS server that lies needs/],
    ['a slow server without its time', { dnsServers: [{ address: '10.0.0.10', behaviour: 'slow' }] }, /dnsServers\.0\.delay: a slow DNS server needs/],
    ['a reply that is none', { destinations: [{ address: '198.51.100.25', replies: { rcpt: 'no' } }] }, /destinations\.0\.replies\.rcpt: an SMTP reply is wanted/],
    ['a reply to a command that is none', { destinations: [{ address: '198.51.100.25', replies: { vrfy: '252 Ok' } }] }, /destinations\.0\.replies: Unrecognized key: "vrfy"/],
    ['a field of the service', { service: { paused: true } }, /service: Unrecognized key: "paused"/],
    ['a limit that there is not', { limits: { patience: 3 } }, /limits: Unrecognized key: "patience"/],
    ['no message', { messages: [] }, /messages/],
    ['a recipient with a line of its own', { messages: [{ from: 'a@b.test', to: 'c@d.test>\r\nDATA' }] }, /messages\.0\.to: a mail address is wanted/],
  ])('with %s is refused by name', (_, change, message) => {
    expect(refusal(change)).toMatch(message)
  })

  it.each([[null], [[]], ['text'], [12]])('cannot be %j', (value) => {
    expect(() => readScenario(value)).toThrow(Failure)
  })
})
