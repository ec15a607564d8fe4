// Adapters and their DNS servers in the Properties dialog: the health of each, what changes while one looks, what to beware of.
import type { Socket } from 'node:net'
import type { ElectronApplication, Page } from '@playwright/test'
import { answers, mx, serve, silent, type TestServer } from '../dns/server.ts'
import { axeIsClean } from './axe.ts'
import { chooseCard, dialog, localServerRuns, openLookups } from './console.ts'
import { backup, dmz, expect, lan, test, type Bench } from './window.ts'

const office = { name: 'Office', addresses: ['10.0.1.12/24'], dnsServers: ['192.0.2.53'] }
const card = (page: Page) => page.getByRole('button', { name: /Network card/ })
const serversOf = (page: Page, owner: string) => page.getByRole('list', { name: `DNS servers of ${owner}:` }).getByRole('listitem')
const listed = (page: Page) => page.getByRole('listbox', { name: /^DNS servers, in the order/ }).getByRole('option')
const advice = (page: Page) => page.getByRole('list', { name: 'What to know of this choice' }).getByRole('listitem')
const askAgain = (page: Page) => page.getByRole('button', { name: 'Ask again' })
const add = async (page: Page, address: string) => {
  await page.getByRole('textbox', { name: 'Address of a DNS server' }).fill(address)
  await page.keyboard.press('Enter')
}

async function opened(bench: Bench, side: 'Internal' | 'External' = 'Internal') {
  const { page, app } = await bench.open()
  await localServerRuns(page)
  const told = await recordTold(app)
  return { page, app, told, properties: await openLookups(page, side) }
}

/** What main tells of each DNS server, in its order: `10.0.0.10 answers`. */
async function recordTold(app: ElectronApplication): Promise<() => Promise<string[]>> {
  await app.evaluate(({ BrowserWindow }) => {
    const told: string[] = []
    const { webContents } = BrowserWindow.getAllWindows()[0]!
    const send = webContents.send.bind(webContents)
    webContents.send = (channel, ...args) => {
      if (channel === 'edgewise:progress') told.push(`${args[1].server} ${args[1].state}`)
      send(channel, ...args)
    }
    Object.assign(globalThis, { told })
  })
  return () => app.evaluate(() => (globalThis as unknown as { told: string[] }).told)
}

/** A DNS server that says nothing, and what is connected to it. */
async function serveSilence(use: (server: TestServer, connections: Socket[]) => Promise<void>): Promise<void> {
  const connections: Socket[] = []
  // Read, or the end of the other side would never be noticed.
  const server = await serve(silent, { tcp: (socket) => connections.push(socket.resume()) })
  try {
    await use(server, connections)
  } finally {
    await server.close()
  }
}

test('the health of every DNS server stands beside it, and a silent one delays no other', async ({ bench }) => {
  bench.setWorld({ adapters: [lan, dmz, office, backup] })
  const { page, told, properties } = await opened(bench, 'External')
  await expect(serversOf(page, 'all available adapters')).toHaveText([
    /^10\.0\.0\.10 answers, \d+ ms LAN, DHCP lease$/,
    /^fd00::10 answers, \d+ ms LAN, DHCP lease$/,
    '203.0.113.53 fails (SERVFAIL) DMZ, world file',
    '192.0.2.53 does not answer Office, world file',
  ])
  expect((await told()).at(-1)).toBe('192.0.2.53 silent')
  expect([...(await told())].sort()).toEqual(['10.0.0.10 answers', '192.0.2.53 silent', '203.0.113.53 fails', 'fd00::10 answers'])
  await expect(properties).toContainText('4 DNS servers asked: 2 in order, 2 unusable.')
  await axeIsClean(page)

  await card(page).click()
  const option = (name: RegExp) => page.getByRole('option', { name })
  await expect(option(/^LAN/)).toHaveAccessibleDescription(/^10\.0\.0\.12 10\.0\.0\.10 answers, \d+ ms fd00::10 answers, \d+ ms$/)
  await expect(option(/^DMZ/)).toContainText('203.0.113.53 fails (SERVFAIL)')
  await expect(option(/^Office/)).toContainText('192.0.2.53 does not answer')
  await expect(option(/^Backup/)).toHaveText(/not connected/)
  await expect(option(/^Backup/)).toHaveAttribute('aria-disabled', 'true')
  await axeIsClean(page)
  await page.keyboard.press('Escape')

  await properties.getByText('Use these DNS servers:').click()
  await add(page, '198.51.100.53')
  await add(page, '192.0.2.53')
  await expect(listed(page)).toHaveText([/^198\.51\.100\.53 answers, \d+ ms$/, '192.0.2.53 does not answer'])
  await expect(listed(page).last()).toHaveAccessibleName('192.0.2.53 does not answer')
  await axeIsClean(page)
})

test('what is wrong with a DNS server that answers is written out, and asked about again on wish', async ({ bench }) => {
  // It answers over UDP, and nothing listens at its port over TCP.
  const half = await serve(answers(), { withTcp: false })
  const quiet = await serve(answers(mx('corp.test', 'mail.corp.test')))
  try {
    bench.setWorld({ adapters: [{ ...lan, dnsServers: [half.text] }, dmz] })
    const { page, properties } = await opened(bench)
    await chooseCard(page, /^LAN/)
    const server = serversOf(page, 'LAN')
    await expect(server).toHaveText(new RegExp(`^${half.text} .*over TCP, which long answers need DHCP lease$`))
    await axeIsClean(page)

    // What a screen reader is told by itself: one sentence a round, and no word of each server.
    const outcome = properties.locator('.health-line [aria-live]')
    await expect(outcome).toHaveText('2 DNS servers asked: 1 with faults, 1 unusable.')
    const said = await outcome.evaluateHandle((region) => {
      const texts: string[] = []
      new MutationObserver(() => texts.push(region.textContent ?? '')).observe(region, { childList: true, characterData: true, subtree: true })
      return texts
    })
    const before = half.asked.length
    // Without a mouse: the list, whose notes the arrows scroll through, the empty list of servers, the button.
    await card(page).focus()
    await page.keyboard.press('Tab')
    await expect(page.getByRole('list', { name: 'DNS servers of LAN:' })).toBeFocused()
    await page.keyboard.press('Tab')
    await page.keyboard.press('Tab')
    await expect(askAgain(page)).toBeFocused()
    await page.keyboard.press('Enter')
    await expect(outcome).toHaveText('2 DNS servers asked: 1 with faults, 1 unusable.')
    expect(half.asked.length).toBeGreaterThan(before)
    expect((await said.jsonValue()).filter((text) => text !== '')).toEqual(['2 DNS servers asked: 1 with faults, 1 unusable.'])
    await expect(askAgain(page)).toBeFocused()

    // Another server is asked as soon as it is known of, without a wish.
    bench.setWorld({ adapters: [{ ...lan, dnsServers: [half.text, quiet.text] }, dmz] })
    await expect(server.last()).toHaveText(new RegExp(`^${quiet.text} answers, \\d+ ms DHCP lease$`))
  } finally {
    await Promise.all([half.close(), quiet.close()])
  }
})

test('nobody is asked any longer once the dialog is closed or another tab is shown', async ({ bench }) => {
  await serveSilence(async (server, connections) => {
    bench.setWorld({ adapters: [{ ...office, dnsServers: [server.text] }] })
    const { page, told, properties } = await opened(bench)
    // Left alone, main tells what became of it.
    await expect(serversOf(page, 'all available adapters')).toHaveText(/does not answer/)
    expect(await told()).toEqual([`${server.text} silent`])

    const leave: [string, () => Promise<void>][] = [
      ['tab', () => properties.getByRole('tab', { name: 'General' }).click()],
      ['dialog', () => page.keyboard.press('Escape')],
    ]
    for (const [what, go] of leave) {
      if (what === 'dialog') await properties.getByRole('tab', { name: 'Internal DNS Lookups' }).click()
      else await askAgain(page).click()
      await expect.poll(() => connections.filter(({ closed }) => !closed).length).toBe(1)
      await go()
      await expect.poll(() => connections.every(({ closed }) => closed)).toBe(true)
    }
    await expect(properties).toBeHidden()
    // This takes as long as an answer is waited for: what had not been cancelled would have been told before it ends.
    await page.evaluate((address) => window.edgewise.adapters.health({ server: 'local', ids: [], servers: [address] }, () => undefined).result, server.text)
    expect(await told()).toEqual([`${server.text} silent`, `${server.text} silent`])
  })
})

test('the dropdown follows the machine, and the choice stays by its id', async ({ bench }) => {
  const own = { ...lan, id: 'lan-id' }
  bench.setWorld({ adapters: [own, dmz, backup] })
  const { page, properties } = await opened(bench)
  await chooseCard(page, /^LAN/)
  await expect(serversOf(page, 'LAN').first()).toHaveText(/answers/)

  // Pulled: named with the reason, and said before OK is pressed.
  bench.setWorld({ adapters: [dmz] })
  await expect(card(page)).toContainText('LAN (missing adapter) not in this machine now')
  await expect(advice(page)).toHaveText('“LAN” is not in this machine now. The choice stays until you change it.')
  await expect(serversOf(page, 'LAN')).toHaveText('No DNS servers.')

  // Back under another name, with another address and other servers, beside one that was never there.
  bench.setWorld({ adapters: [dmz, { ...own, name: 'Local Area Connection', addresses: ['10.0.0.99/24'], dnsServers: ['198.51.100.53'] }, { name: 'VPN', addresses: ['192.0.2.5/24'], dnsServers: ['192.0.2.53'] }] })
  await expect(card(page)).toContainText('Local Area Connection 10.0.0.99')
  await expect(serversOf(page, 'Local Area Connection')).toHaveText(/^198\.51\.100\.53 answers, \d+ ms DHCP lease$/)

  // While the list is open, it follows as well.
  await card(page).click()
  const options = page.getByRole('option')
  await expect(options.getByText(/^(All available|DMZ|Local Area Connection|VPN)$/)).toHaveText(['All available', 'DMZ', 'Local Area Connection', 'VPN'])
  bench.setWorld({ adapters: [dmz, { ...own, state: 'disconnected' }, backup] })
  await expect(options).toHaveText([/^All available$/, /^DMZ/, /^LANnot connected$/, /^Backupnot connected/])
  await page.keyboard.press('Escape')
  await expect(card(page)).toContainText('LAN not connected')
  await expect(advice(page)).toHaveText('“LAN” is not connected: its DNS servers are not asked.')
  await expect(serversOf(page, 'LAN').first()).toHaveText('10.0.0.10 not asked DHCP lease')

  bench.setWorld({ adapters: [own, dmz] })
  await expect(serversOf(page, 'LAN').first()).toHaveText(/^10\.0\.0\.10 answers/)
  await expect(advice(page)).toHaveCount(0)
  await properties.getByRole('button', { name: 'Apply' }).click()
  await expect(dialog(page, 'Apply these changes?')).toContainText('Internal DNS lookups ask adapter “LAN” (10.0.0.10, fd00::10).')
})

test('what to beware of is seen before OK is pressed', async ({ bench }) => {
  bench.setWorld({ adapters: [{ ...lan, dnsServers: ['fd00::10', '10.0.0.10', '198.51.100.53'] }, { name: 'Bare', addresses: ['10.0.2.2/24'] }] })
  const { page, properties } = await opened(bench)
  await card(page).click()
  await expect(page.getByRole('option', { name: /^Bare/ })).toHaveText('Bare10.0.2.2 no DNS servers')
  await page.getByRole('option', { name: /^Bare/ }).click()
  await expect(advice(page)).toHaveText('“Bare” has no DNS servers: chosen alone, it leaves the transport without any.')
  await expect(advice(page)).toBeInViewport({ ratio: 1 })
  await chooseCard(page, /^LAN/)
  await expect(advice(page)).toHaveText([/^“LAN” is an internal adapter, but also asks DNS servers of the Internet \(198\.51\.100\.53\)/, /^“LAN” asks its IPv6 DNS servers first/])
  await expect(advice(page).first()).toHaveAttribute('data-level', 'warning')
  await expect(advice(page).first()).toBeInViewport({ ratio: 1 })
  await expect(properties).toContainText('3 DNS servers asked: 3 in order.')
  await axeIsClean(page)
  // Of a list of servers, what the adapter has is no concern.
  await properties.getByText('Use these DNS servers:').click()
  await expect(advice(page)).toHaveCount(0)
  // Names of the Internet those servers know: a word there, and no warning.
  await properties.getByRole('tab', { name: 'External DNS Lookups' }).click()
  await chooseCard(page, /^LAN/)
  await expect(advice(page).first()).toHaveAttribute('data-level', 'info')
})
