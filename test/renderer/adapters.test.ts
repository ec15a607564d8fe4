import { expect, test } from 'vitest'
import { adapterOptions as optionsOf, adviceOf, choiceOfKey, keyOfChoice, serversOf } from '../../renderer/properties/adapters.ts'
import type { Advice, ListedAdapter } from '../../preload/contract/adapters.ts'
import type { ChosenAdapter } from '../../renderer/properties/draft.ts'
import { dmz, lan, unplugged } from './story.ts'

const all = [lan, dmz, unplugged]
const down = { ...unplugged, id: 'down', name: 'Old', state: 'down' as const }
const loopback = { ...lan, id: 'lo', name: 'lo', kind: 'loopback' as const, dnsServers: [] }
const adapterOptions = (adapters: ListedAdapter[] | null, chosen: ChosenAdapter) => optionsOf(adapters, chosen, 'internal')
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
  expect(option).toMatchObject({ name: 'DMZ (missing adapter)', note: 'not in this machine now', isDisabled: true })
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

test('an option has the DNS servers that would be asked, and none of an adapter that is not up', () => {
  const options = adapterOptions([lan, { ...down, dnsServers: ['10.9.9.9'] }], null)
  expect(options.map(({ servers }) => servers)).toEqual([[], ['10.0.0.10', 'fd00::10'], []])
})

const advice = (kind: Advice['kind'], level: Advice['level'] = 'warning'): Advice => ({ kind, level, text: `about ${kind}` })
const choice = ({ id, name }: ListedAdapter) => ({ id, name })
const bare: ListedAdapter = { ...lan, dnsServers: [], advice: [advice('no-dns-servers')] }
const open: ListedAdapter = { ...lan, advice: [advice('public-dns'), advice('ipv6-first', 'info')] }
const off: ListedAdapter = { ...unplugged, advice: [advice('not-usable', 'info')] }

test('warnings are in the option in a word, what only informs is not', () => {
  const options = adapterOptions([bare, open, off], null)
  expect(options.map(({ warnings }) => warnings)).toEqual([[], ['no DNS servers'], ['DNS servers of the Internet'], []])
})

test('DNS servers of the Internet are a warning for internal lookups, and only a word for external ones', () => {
  expect(adviceOf([open], choice(open), 'internal').map(({ kind, level }) => `${kind} ${level}`)).toEqual(['public-dns warning', 'ipv6-first info'])
  expect(adviceOf([open], choice(open), 'external').map(({ kind, level }) => `${kind} ${level}`)).toEqual(['public-dns info', 'ipv6-first info'])
  expect(optionsOf([open], null, 'external').at(-1)?.warnings).toEqual([])
})

test('a chosen adapter that is not up is a warning, and so is one that is gone', () => {
  expect(adviceOf([off], choice(off), 'internal')).toEqual([advice('not-usable')])
  expect(adviceOf([lan], choice(off), 'internal')).toEqual([{ kind: 'not-usable', level: 'warning', text: '“Backup” is not in this machine now. The choice stays until you change it.' }])
  expect(adviceOf(null, choice(off), 'internal')).toEqual([])
})

test('of all available, what one has not the others have; only where none has any, that is a warning', () => {
  expect(adviceOf([bare, dmz, off], null, 'internal')).toEqual([])
  expect(adviceOf([bare, open], null, 'internal')).toEqual([advice('public-dns')])
  expect(adviceOf([bare, { ...off, dnsServers: ['10.9.9.9'] }], null, 'internal')).toMatchObject([{ kind: 'no-dns-servers', level: 'warning' }])
})
