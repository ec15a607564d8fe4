// The Properties dialog as the original behaves: tabs, draft, what is refused, OK, Cancel and Apply.
import type { Page } from '@playwright/test'
import { chooseCard, details, dialog, listedServers, localServerRuns, openLookups, rows } from './console.ts'
import { dmz, expect, lan, test } from './window.ts'

const field = (page: Page) => page.getByRole('textbox', { name: 'Address of a DNS server' })
const list = (page: Page) => page.getByRole('listbox', { name: /^DNS servers, in the order/ })
const button = (page: Page, name: string) => dialog(page, / Properties$/).getByRole('button', { name, exact: true })
const enter = async (page: Page, text: string) => {
  await field(page).fill(text)
  await field(page).press('Enter')
}
const paste = (page: Page, text: string) =>
  field(page).evaluate((input, pasted) => {
    const clipboardData = new DataTransfer()
    clipboardData.setData('text/plain', pasted)
    input.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
  }, text)

test('the dropdown shows every adapter, and says why one cannot be chosen', async ({ bench }) => {
  const { page } = await bench.open()
  await localServerRuns(page)
  const properties = await openLookups(page, 'Internal')
  await page.getByRole('button', { name: /Network card/ }).click()
  const options = page.getByRole('option')
  await expect(options).toHaveText(['All available', /^LAN10\.0\.0\.12/, /^DMZ203\.0\.113\.12/, 'Backupnot connected'])
  await expect(options.last()).toHaveAttribute('aria-disabled', 'true')
  await page.keyboard.press('Escape')
  await expect(properties).toBeVisible()

  // Adapters come and go while the dialog is open; the choice stays.
  await chooseCard(page, /^DMZ/)
  bench.setWorld({ adapters: [{ ...dmz, dnsServers: ['203.0.113.99'] }, lan, { name: 'VPN', addresses: ['192.0.2.5/24'] }] })
  await expect(properties.getByRole('list', { name: 'DNS servers of DMZ:' })).toContainText('203.0.113.99')
  await expect(page.getByRole('button', { name: /Network card/ })).toContainText('DMZ')
  await page.getByRole('button', { name: /Network card/ }).click()
  await expect(options).toHaveText(['All available', /^DMZ203\.0\.113\.12/, /^LAN10\.0\.0\.12/, 'VPN192.0.2.5 no DNS servers'])
})

test('an adapter that is gone stays chosen and is called missing', async ({ bench }) => {
  await bench.edgewise('lookups', 'set', 'internal', '--adapter', 'DMZ')
  bench.setWorld({ adapters: [lan] })
  const { page } = await bench.open()
  await localServerRuns(page)
  await expect(details(page)).toContainText('DMZ → no DNS servers')
  const properties = await openLookups(page, 'Internal')
  await expect(page.getByRole('button', { name: /Network card/ })).toContainText('DMZ (missing adapter)')
  await expect(properties).toContainText('“DMZ” is not in this machine now.')
  await expect(properties).toContainText(/In effect now: DMZ → no DNS servers .*missing/)
  await expect(button(page, 'Apply')).toBeDisabled()
  await button(page, 'OK').click()
  expect(JSON.parse(await bench.edgewise('lookups', 'show', '--json'))).toMatchObject({ internal: { source: { kind: 'adapter', name: 'DMZ' } } })
})

test('bad addresses are refused as they are typed, and nothing is saved', async ({ bench }) => {
  const { page } = await bench.open()
  await localServerRuns(page)
  const properties = await openLookups(page, 'External')
  await properties.getByText('Use these DNS servers:').click()
  await expect(button(page, 'Apply')).toBeDisabled()
  await expect(properties.getByRole('status')).toContainText('External DNS Lookups: Add at least one DNS server')
  for (const [bad, sentence] of [
    ['1.2.3', 'an IPv4 address is four numbers'],
    ['::g', 'an IPv6 address has only hexadecimal digits'],
    ['dns.example.test', 'a DNS server is named by its address'],
    ['10.0.0.10:99999', 'a port is a number from 1 to 65535'],
  ] as const) {
    await field(page).fill(bad)
    await expect(properties).toContainText(sentence)
    await expect(button(page, 'Add')).toBeDisabled()
    await expect(button(page, 'OK')).toBeDisabled()
    await field(page).press('Enter')
    await expect(list(page).getByRole('option')).toHaveCount(0)
  }
  await field(page).fill('')
  await paste(page, Array.from({ length: 10_000 }, (_, at) => `10.1.${at >> 8}.${at & 255}`).join('\n'))
  await expect(properties).toContainText('10000 DNS servers are too many')
  await expect(list(page).getByRole('option')).toHaveCount(0)
  await button(page, 'Cancel').click()
  expect(JSON.parse(await bench.edgewise('lookups', 'show', '--json'))).toMatchObject({ external: { source: { kind: 'all-adapters' } } })
})

test('a list is added to, edited, ordered and removed from; buttons are there only when they can act', async ({ bench }) => {
  const { page } = await bench.open()
  await localServerRuns(page)
  const properties = await openLookups(page, 'External')
  await properties.getByText('Use these DNS servers:').click()
  for (const name of ['Add', 'Edit', 'Remove', 'Move up', 'Move down']) await expect(button(page, name)).toBeDisabled()
  await enter(page, '10.0.0.1')
  await enter(page, 'fd00::1')
  await paste(page, '10.0.0.2, 10.0.0.3')
  const options = list(page).getByRole('option')
  await expect(listedServers(page)).toHaveText(['10.0.0.1', 'fd00::1', '10.0.0.2', '10.0.0.3'])

  await options.first().click()
  await expect(button(page, 'Move up')).toBeDisabled()
  await button(page, 'Move down').click()
  await expect(listedServers(page)).toHaveText(['fd00::1', '10.0.0.1', '10.0.0.2', '10.0.0.3'])
  await button(page, 'Edit').click()
  await expect(field(page)).toBeFocused()
  await field(page).fill('10.0.0.9:5353')
  await button(page, 'Update').click()
  await expect(listedServers(page)).toHaveText(['fd00::1', '10.0.0.9:5353', '10.0.0.2', '10.0.0.3'])
  await options.last().click()
  await expect(button(page, 'Move down')).toBeDisabled()
  await button(page, 'Remove').click()
  await expect(listedServers(page)).toHaveText(['fd00::1', '10.0.0.9:5353', '10.0.0.2'])

  await page.getByRole('button', { name: /^Any Protocol/ }).click()
  await page.getByRole('option', { name: 'TCP', exact: true }).click()
  await properties.getByText('Use the External DNS Lookups settings on the transport server').click()
  // Another tab and back: the draft is kept.
  await properties.getByRole('tab', { name: 'General' }).click()
  await properties.getByRole('tab', { name: 'External DNS Lookups' }).click()
  await expect(listedServers(page)).toHaveText(['fd00::1', '10.0.0.9:5353', '10.0.0.2'])

  await button(page, 'OK').click()
  const plan = dialog(page, 'Apply these changes?')
  await plan.getByText('Restart the transport service and verify that mail moves').click()
  await expect(plan).toContainText('Refused. None of the DNS servers fd00::1, 10.0.0.9:5353, 10.0.0.2 answers.')
  await expect(plan.getByRole('button', { name: 'Apply', exact: true })).toBeDisabled()
  await plan.getByText('Apply all the same').click()
  await plan.getByRole('button', { name: 'Apply', exact: true }).click()
  await expect(dialog(page, 'Kept')).toContainText('It takes effect with the next restart', { timeout: 20_000 })
  await dialog(page, 'Kept').getByText('Close', { exact: true }).click()
  await expect(properties).toBeHidden()
  await expect(details(page)).toContainText('not yet in effect')
  expect(JSON.parse(await bench.edgewise('lookups', 'show', '--json'))).toMatchObject({
    external: { source: { kind: 'servers', servers: ['fd00::1', '10.0.0.9:5353', '10.0.0.2'] }, protocol: 'tcp' },
    useExternalForInternet: true,
  })
})

test('cancel and Escape leave what is saved as it was', async ({ bench }) => {
  const { page } = await bench.open()
  await localServerRuns(page)
  const properties = await openLookups(page, 'Internal')
  await chooseCard(page, /^LAN/)
  await expect(button(page, 'Apply')).toBeEnabled()
  await chooseCard(page, /^All available/)
  await expect(button(page, 'Apply')).toBeDisabled()
  await chooseCard(page, /^DMZ/)
  await page.keyboard.press('Escape')
  await expect(properties).toBeHidden()
  await rows(page).first().press('Enter')
  await properties.getByRole('tab', { name: 'Internal DNS Lookups' }).click()
  await expect(page.getByRole('button', { name: /Network card/ })).toContainText('All available')
  expect(JSON.parse(await bench.edgewise('lookups', 'show', '--json'))).toMatchObject({ internal: { source: { kind: 'all-adapters' } } })
})

test('with the service stopped, what is saved takes effect at its start and no restart is offered', async ({ bench }) => {
  await bench.edgewise('service', 'stop')
  const { page } = await bench.open()
  await expect(rows(page).first()).toContainText('Stopped')
  const properties = await openLookups(page, 'Internal')
  await expect(properties).toContainText('In effect now: nothing, since the transport service does not run.')
  await chooseCard(page, /^LAN/)
  await button(page, 'Apply').click()
  const plan = dialog(page, 'Apply these changes?')
  await expect(plan.getByLabel('Restart the transport service and verify that mail moves')).not.toBeChecked()
  await plan.getByRole('button', { name: 'Apply', exact: true }).click()
  await dialog(page, 'Kept').getByText('Close', { exact: true }).click()
  await expect(button(page, 'Apply')).toBeDisabled()
  await button(page, 'OK').click()
  await page.getByRole('button', { name: 'Start transport service', exact: true }).click()
  await expect(details(page)).toContainText('LAN → 10.0.0.10')
})
