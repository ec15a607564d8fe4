// The view before a double of the main side: what the real one does too seldom or too quickly to be looked at.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { _electron, test, type ElectronApplication, type Page } from '@playwright/test'
import react from '@vitejs/plugin-react'
import { build } from 'vite'
import { electronPath } from '../../build/electron-runtime.mjs'
import type { Story } from '../renderer/story.ts'
import { actions, details, dialog, openLookups, rows, tree } from './console.ts'
import { checkout, expect } from './window.ts'

declare global {
  interface Window {
    story: Story
  }
}

let folder: string
let app: ElectronApplication
let page: Page

test.beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'edgewise-double-'))
  await build({
    configFile: false,
    logLevel: 'error',
    root: join(checkout, 'test/renderer'),
    base: './',
    plugins: [react()],
    build: { outDir: join(folder, 'view'), target: 'chrome130', modulePreload: false, rolldownOptions: { input: join(checkout, 'test/renderer/double.html') } },
  })
  writeFileSync(join(folder, 'package.json'), '{ "name": "double", "version": "0.0.0", "type": "module", "main": "main.mjs" }')
  writeFileSync(
    join(folder, 'main.mjs'),
    `import { app, BrowserWindow } from 'electron'
app.setPath('userData', ${JSON.stringify(join(folder, 'user'))})
app.whenReady().then(() => new BrowserWindow({ width: 1120, height: 740, useContentSize: true }).loadFile(${JSON.stringify(join(folder, 'view/double.html'))}))
app.on('window-all-closed', () => app.quit())`,
  )
})
test.afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))

test.beforeEach(async () => {
  app = await _electron.launch({ executablePath: electronPath(), args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), folder], timeout: 30_000 })
  page = await app.firstWindow()
  page.setDefaultTimeout(10_000)
  await expect(rows(page)).toHaveCount(1)
})
test.afterEach(() => app.close())

const queue = (nextHop: string, messages = 1) => ({ nextHop, deliveryType: 'DnsConnectorDelivery', status: 'Retry' as const, messages, nextRetry: null, lastRetry: null, lastError: `451 4.4.0 ${'a very long answer '.repeat(12)}` })

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
  const chosen = page.getByRole('row', { name: 'c.test' })
  await chosen.click()
  for (let at = 2; at < 12; at++) {
    // One comes, one goes, and they are told in another order each time.
    names.push(names.shift()!)
    if (at === 5) names.push('bb.test')
    if (at === 8) names.splice(names.indexOf('a.test'), 1)
    await set(names, at)
    await expect(chosen).toContainText(`${at}`)
    await expect(chosen).toHaveAttribute('aria-selected', 'true')
    expect(await chosen.evaluate((row) => row.contains(document.activeElement))).toBe(true)
  }
  const detail = page.getByRole('region', { name: 'Queue c.test' })
  // The whole last error, and not only in a tooltip.
  const error = detail.getByText(/^451 4.4.0/)
  await expect(error).toBeVisible()
  expect(await error.evaluate((one) => one.scrollWidth <= one.clientWidth)).toBe(true)
  await expect(page.getByRole('main').getByRole('status')).toHaveText('44 messages in 4 queues.')
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
  await expect(properties.getByRole('option')).toHaveText(['10.0.0.77'])
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
