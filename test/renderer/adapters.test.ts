import { expect, test } from 'vitest'
import { adapterOptions, choiceOfKey, keyOfChoice, serversOf } from '../../renderer/properties/adapters.ts'
import { dmz, lan, unplugged } from './story.ts'

const all = [lan, dmz, unplugged]
const down = { ...unplugged, id: 'down', name: 'Old', state: 'down' as const }
const loopback = { ...lan, id: 'lo', name: 'lo', kind: 'loopback' as const, dnsServers: [] }
const names = (options: ReturnType<typeof adapterOptions>) => options.map(({ name, note }) => (note ? `${name} | ${note}` : name))

test('all available comes first, then each adapter with its first address', () => {
  expect(names(adapterOptions([lan, dmz], null))).toEqual(['All available', 'LAN | 10.0.0.12', 'DMZ | 203.0.113.10'])
})

test('an adapter that is not up is shown with the reason and cannot be chosen', () => {
  const options = adapterOptions([unplugged, down], null)
  expect(names(options)).toEqual(['All available', 'Backup | not connected', 'Old | switched off'])
  expect(options.map(({ isDisabled }) => isDisabled)).toEqual([false, true, true])
})

test('the loopback interface is no network card, unless it was chosen', () => {
  expect(names(adapterOptions([loopback], null))).toEqual(['All available'])
  expect(adapterOptions([loopback], { id: 'lo', name: 'lo' })).toHaveLength(2)
})

test('a chosen adapter that is gone stays chosen, and is called missing', () => {
  const chosen = { id: 'gone', name: 'DMZ' }
  const option = adapterOptions(all, chosen).find(({ key }) => key === keyOfChoice(chosen))
  expect(option).toMatchObject({ name: 'DMZ (missing adapter)', isDisabled: true })
  expect(serversOf(all, chosen)).toEqual([])
})

test('nothing is called missing while the adapters are not known', () => {
  expect(names(adapterOptions(null, { id: lan.id, name: 'LAN' }))).toEqual(['All available', 'LAN'])
})

test('a key leads back to the choice with the adapter’s present name', () => {
  expect(choiceOfKey(keyOfChoice({ id: lan.id, name: 'old name' }), all)).toEqual({ id: lan.id, name: 'LAN' })
  expect(choiceOfKey(keyOfChoice(null), all)).toBeNull()
})

test('an adapter named “all” is not all available', () => {
  const odd = { ...lan, id: 'all', name: 'all' }
  expect(choiceOfKey(keyOfChoice({ id: 'all', name: 'all' }), [odd])).toEqual({ id: 'all', name: 'all' })
})

test('the DNS servers of the choice, each with where it was read; of all that are up, each once', () => {
  expect(serversOf(all, { id: lan.id, name: 'LAN' })).toEqual([
    { server: '10.0.0.10', from: 'DHCP lease' },
    { server: 'fd00::10', from: 'DHCP lease' },
  ])
  const same = { ...dmz, dnsServers: ['10.0.0.10', '203.0.113.53'] }
  expect(serversOf([lan, same, { ...down, dnsServers: ['10.9.9.9'] }], null)).toEqual([
    { server: '10.0.0.10', from: 'LAN, DHCP lease' },
    { server: 'fd00::10', from: 'LAN, DHCP lease' },
    { server: '203.0.113.53', from: 'DMZ, world file' },
  ])
})
