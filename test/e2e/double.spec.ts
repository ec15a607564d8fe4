// The view before a double of the main side: what the real one does too seldom or too quickly to be looked at.
import { rmSync } from 'node:fs'
import { test, type ElectronApplication, type Page } from '@playwright/test'
import { actions, details, dialog, listedServers, openLookups, rows, tree } from './console.ts'
import { buildDouble, openDouble } from './double.ts'
import { expect } from './window.ts'

let folder: string
let app: ElectronApplication
let page: Page

test.beforeAll(async () => {
  folder = await buildDouble()
})
test.afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))

test.beforeEach(async () => {
  app = await openDouble(folder)
  page = await app.firstWindow()
  page.setDefaultTimeout(10_000)
  await expect(rows(page)).toHaveCount(1)
})
test.afterEach(() => app.close())

const queue = (nextHop: string, messages = 1) => ({ nextHop, deliveryType: 'DnsConnectorDelivery', status: 'Retry' as const, messages, nextRetry: null, lastRetry: null, suspended: 0, inbound: false, reasons: [], lastError: `451 4.4.0 ${'a very long answer '.repeat(12)}` })

test('a restart that hangs names the state it hangs in, and can be tried again', async () => {
  await page.evaluate(() => void (window.story.hangs = true))
  await actions(page).getByRole('button', { name: 'Restart transport service' }).click()
  const progress = dialog(page, /transport service$/)
  await expect(progress.getByRole('listitem').first()).toContainText(/Stopping\d/)
  await expect(progress.getByRole('progressbar')).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(progress).toBeVisible()
  await progress.getByRole('button', { name: 'Cancel' }).click()
  await expect(progress.getByRole('alert')).toContainText('hangs in the state Stopping')
  await expect(progress.getByRole('alert')).toContainText('Stop its process by hand')
  await expect(progress.locator('[data-state=hangs]')).toContainText('Stopping')
  await page.evaluate(() => void (window.story.hangs = false))
  await progress.getByRole('button', { name: 'Try again' }).click()
  await expect(progress).toContainText('serving again')
  await expect(progress).toContainText('It took no mail for 0.31 s.')
})

test('the selected queue and the focus stay over ten refreshes, wherever the queue moves', async () => {
  const names = ['a.test', 'b.test', 'c.test', 'd.test']
  const set = (order: string[], messages: number) =>
    page.evaluate(
      (queues) => {
        window.story.queues.set('local', queues)
        window.story.changed('local')
      },
      order.map((name) => queue(name, messages)),
    )
  await set(names, 1)
  await tree(page).getByRole('row', { name: 'Queue Viewer' }).click()
  const list = page.getByRole('grid', { name: 'Queues' })
  const chosen = list.getByRole('row', { name: 'c.test' })
  await chosen.click()
  for (let at = 2; at < 12; at++) {
    // One comes, one goes, and they are told in another order each time.
    names.push(names.shift()!)
    if (at === 5) names.push('bb.test')
    if (at === 8) names.splice(names.indexOf('a.test'), 1)
    await set(names, at)
    await expect(chosen).toContainText(`${at}`)
    await expect(chosen).toHaveAttribute('aria-selected', 'true')
    // The list keeps the focus, and names the row.
    await expect(list).toBeFocused()
    expect(await list.getAttribute('aria-activedescendant')).toBe(await chosen.getAttribute('id'))
  }
  const detail = page.getByRole('region', { name: 'Queue c.test' })
  // The whole last error, and not only in a tooltip.
  const error = detail.getByText(/^451 4.4.0/)
  await expect(error).toBeVisible()
  expect(await error.evaluate((one) => one.scrollWidth <= one.clientWidth)).toBe(true)
  await expect(page.getByRole('main').getByRole('status').last()).toHaveText('44 messages in 4 queues.')
  await set([], 0)
  await expect(page.getByRole('main')).toContainText('No mail waits.')
})

test('what fails is said at the top until it is dismissed, and once however often it fails', async () => {
  await page.evaluate(() => {
    window.story.fail('servers.stop', { code: 'needs-administrator', message: 'Only an administrator may stop it.', remedy: 'Start Edgewise as one.' })
  })
  const stop = actions(page).getByRole('button', { name: 'Stop transport service' })
  await stop.click()
  const said = page.getByText('The transport service did not stop. Only an administrator may stop it. Start Edgewise as one.')
  await expect(said).toBeVisible()
  await stop.click()
  await expect(said).toHaveCount(1)
  await page.getByRole('button', { name: /^Dismiss: / }).click()
  await expect(said).toBeHidden()
})

test('edge servers that cannot be listed are a sentence with another try, not an empty pane', async () => {
  await page.evaluate(() => {
    window.story.fail('servers.list', { code: 'failed', message: 'The home folder cannot be written.', remedy: 'Make it writable.' })
    window.story.changed('local')
  })
  const alert = page.getByRole('main').getByRole('alert')
  await expect(alert).toContainText('The home folder cannot be written.')
  await page.evaluate(() => window.story.fail('servers.list', null))
  await alert.getByRole('button', { name: 'Try again' }).click()
  await expect(alert).toBeHidden()
})

test('the draft is kept when another changes what is saved, and the dialog says so', async () => {
  const properties = await openLookups(page, 'Internal')
  await properties.getByText('Use these DNS servers:').click()
  await page.getByRole('textbox').fill('10.0.0.77')
  await page.getByRole('textbox').press('Enter')
  await page.evaluate(() => {
    const { servers, changed } = window.story
    const local = servers.get('local')!
    servers.set('local', { ...local, lookups: { ...local.lookups, useExternalForInternet: true } })
    changed('local')
  })
  await expect(properties.getByRole('status')).toContainText('Changed elsewhere meanwhile')
  await expect(listedServers(page)).toHaveText(['10.0.0.77'])
})

test('without a draft the dialog shows what another has saved', async () => {
  const properties = await openLookups(page, 'External')
  const box = properties.getByRole('checkbox')
  await expect(box).not.toBeChecked()
  await page.evaluate(() => {
    const { servers, changed } = window.story
    const local = servers.get('local')!
    servers.set('local', { ...local, lookups: { ...local.lookups, useExternalForInternet: true } })
    changed('local')
  })
  await expect(box).toBeChecked()
  await expect(properties.getByRole('button', { name: 'Apply' })).toBeDisabled()
})

test('what cannot be done is said with the way on, and the Properties stay as they are', async () => {
  await page.evaluate(() => window.story.fail('changes.run', { code: 'failed', message: 'The settings file cannot be written: the disk is full.' }))
  const properties = await openLookups(page, 'Internal')
  await page.getByRole('button', { name: /Network card/ }).click()
  await page.getByRole('option', { name: /^LAN/ }).click()
  await expect(properties).toContainText('VMware vmxnet3, 10 Gbit/s, virtual')
  await properties.getByRole('button', { name: 'OK' }).click()
  const plan = dialog(page, 'Apply these changes?')
  await plan.getByRole('button', { name: 'Apply', exact: true }).click()
  const failed = dialog(page, 'Not applied')
  await expect(failed.getByRole('alert')).toContainText('the disk is full')
  await failed.getByRole('button', { name: 'Plan again' }).click()
  await expect(plan.getByRole('button', { name: 'Apply', exact: true })).toBeEnabled()
  await page.keyboard.press('Escape')
  await expect(properties).toBeVisible()
  await expect(page.getByRole('button', { name: /Network card/ })).toContainText('LAN')
})

test('a rehearsal that is cancelled leaves nothing behind', async () => {
  await details(page).getByRole('button', { name: 'Rehearse the incident' }).click()
  await page.getByRole('main').getByRole('button', { name: 'Rehearse the incident' }).click()
  await expect(page.getByRole('log')).toContainText('DNS servers of DMZ fail')
  await page.getByRole('button', { name: 'Cancel' }).click()
  await expect(page.getByRole('button', { name: 'Play it for me' })).toBeEnabled()
  await expect(page.getByRole('alert')).toHaveCount(0)
})

test('closing: the service that cannot be stopped is said, and the console stays', async () => {
  await page.evaluate(() => {
    window.story.fail('app.close', { code: 'timed-out', message: 'The transport service hangs in the state Stopping.' })
    window.story.emit('app', 'closing', { revision: 1 })
  })
  await page.getByRole('button', { name: 'Stop the transport service and close' }).click()
  await expect(page.getByRole('alertdialog')).toContainText('hangs in the state Stopping')
  await expect(page.getByRole('button', { name: 'Close the console' })).toBeEnabled()
})

test('the check of the hosts file tells each finding as it is found, and can be cancelled', async () => {
  await page.evaluate(() => {
    const { hosts } = window.story
    hosts.findings = [{ kind: 'dns-differs', line: 4, level: 'warning', text: '10.0.0.10 answers 198.51.100.25 for mx1.example.test, which the entry hides.' }]
    hosts.hangs = true
  })
  await tree(page).getByRole('row', { name: 'Hosts File' }).click()
  await actions(page).getByRole('button', { name: 'Check' }).click()
  const check = dialog(page, 'Check of the hosts file')
  await expect(check.getByRole('option')).toContainText('which the entry hides')
  await expect(check.getByRole('progressbar')).toBeVisible()
  await check.getByRole('button', { name: 'Cancel' }).click()
  await expect(check.getByRole('status')).toHaveText('Cancelled.')
  await expect(check.getByRole('option')).toHaveCount(1)
})

test('a save of the hosts file that fails is said with the way on, and what was typed stays', async () => {
  await page.evaluate(() => window.story.fail('changes.run', { code: 'failed', message: 'The disk is full. The hosts file is what it was.', remedy: 'Make room, then save again.' }))
  await tree(page).getByRole('row', { name: 'Hosts File' }).click()
  await page.getByRole('row', { name: /mx1\.example/ }).dblclick()
  await page.getByRole('textbox', { name: 'Address:' }).fill('203.0.113.99')
  await page.keyboard.press('Enter')
  await dialog(page, 'Save the hosts file?').getByRole('button', { name: 'Save', exact: true }).click()
  const failed = dialog(page, 'Not saved')
  await expect(failed.getByRole('alert')).toContainText('The disk is full.')
  await expect(failed.getByRole('alert')).toContainText('Make room, then save again.')
  await page.keyboard.press('Escape')
  await expect(page.getByRole('textbox', { name: 'Address:' })).toHaveValue('203.0.113.99')
})

test('a hidden, read-only hosts file is asked about before an undo, too', async () => {
  await page.evaluate(() => void (window.story.hosts.file = { readOnly: true, hidden: true, notes: [] }))
  await tree(page).getByRole('row', { name: 'Hosts File' }).click()
  const question = page.getByRole('alertdialog')
  await page.getByRole('row', { name: /mx1\.example/ }).click()
  await page.keyboard.press('Delete')
  await expect(question).toContainText('The file is read-only and hidden.')
  await question.getByRole('button', { name: 'Write all the same' }).click()
  await dialog(page, 'Save the hosts file?').getByRole('button', { name: 'Save', exact: true }).click()
  await expect(page.getByRole('row', { name: /mx1\.example/ })).toHaveCount(0)
  await expect(page.getByRole('dialog')).toHaveCount(0)
  await page.getByRole('grid', { name: /^Lines of/ }).focus()
  await page.keyboard.press('Control+z')
  await question.getByRole('button', { name: 'Write all the same' }).click()
  await dialog(page, 'Take this change back?').getByRole('button', { name: 'Roll back' }).click()
  await expect(page.getByRole('row', { name: /mx1\.example/ })).toHaveCount(1)
})
