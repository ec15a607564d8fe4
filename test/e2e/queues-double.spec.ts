// The Queue Viewer before a double of the main side: a hundred thousand messages, refreshes, what cannot be read, what is cancelled.
import { rmSync } from 'node:fs'
import { test, type ElectronApplication, type Page } from '@playwright/test'
import { axeIsClean } from './axe.ts'
import { actions, dialog, rows, tree } from './console.ts'
import { pageSize } from '../../renderer/parts/pages.ts'
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

const list = () => page.getByRole('grid', { name: /^Messages/ })
const drawn = () => list().locator('.lines-body').getByRole('row')
const row = (id: string) => drawn().filter({ hasText: id })
const status = () => page.getByRole('tabpanel').getByRole('status')

async function openMessages(count: number): Promise<void> {
  await page.evaluate((count) => window.story.fill(count), count)
  await tree(page).getByRole('row', { name: 'Queue Viewer' }).click()
  await page.getByRole('tab', { name: 'Messages' }).click()
  await expect(status()).toHaveText(`${count.toLocaleString('en-US')} messages`)
}

test('of 100,000 messages a screen full is drawn, wherever the list stands, and each page is asked for when it is seen', async () => {
  await openMessages(100_000)
  await expect(row('M000000')).toBeVisible()
  await list().focus()
  await page.keyboard.press('End')
  await expect(row('M099999')).toBeVisible()
  await expect(row('M099999')).toHaveAttribute('aria-selected', 'true')
  // What takes room from the list, such as a row's details that come later, does not hide the row of the keyboard.
  const hidden = () => row('M099999').evaluate((one) => Math.max(0, Math.round(one.getBoundingClientRect().bottom - one.closest('[role=grid]')!.getBoundingClientRect().bottom)))
  for (const height of [740, 600, 560]) {
    await app.evaluate(({ BrowserWindow }, height) => BrowserWindow.getAllWindows()[0]!.setContentSize(1120, height), height)
    await expect.poll(() => page.evaluate(() => innerHeight)).toBe(height)
    await expect.poll(hidden).toBe(0)
  }
  await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.setContentSize(1120, 740))
  expect(await list().getAttribute('aria-rowcount')).toBe('100001')
  expect(await row('M099999').getAttribute('aria-rowindex')).toBe('100001')
  for (const part of [0.1, 0.7, 0.3, 0.95]) {
    await list().evaluate((grid, part) => void (grid.scrollTop = grid.scrollHeight * part), part)
    await expect(drawn().nth(15)).not.toHaveAttribute('aria-busy', 'true')
    expect(await drawn().count()).toBeLessThan(80)
  }
  expect(await page.evaluate(() => document.querySelectorAll('*').length)).toBeLessThan(2_500)
  expect(await page.evaluate(() => Math.max(...window.story.waiting.asked.map(({ limit }) => limit)))).toBe(pageSize)
  await axeIsClean(page)
})

test('ten refreshes keep what is selected, where the keyboard is, what a screen reader is told, and the scroll to the pixel', async () => {
  await openMessages(5_000)
  await list().focus()
  await list().evaluate((grid) => void (grid.scrollTop = 48_007))
  await row('M002003').click()
  await row('M002005').click({ modifiers: ['Control'] })
  await expect(status()).toHaveText('5,000 messages, 2 selected')
  const top = () => row('M002005').evaluate((one) => Math.round(one.getBoundingClientRect().top))
  const before = await top()
  for (let round = 1; round <= 10; round++) {
    // Two leave above, one below, one comes.
    await page.evaluate((round) => {
      const { waiting, changed } = window.story
      const mail = waiting.mail.get('local')!
      const gone = new Set([`M${String(round).padStart(6, '0')}`, `M${String(1_000 + round).padStart(6, '0')}`, `M${String(3_000 + round).padStart(6, '0')}`])
      waiting.mail.set('local', [...mail.filter(({ id }) => !gone.has(id)), { ...mail[0]!, id: `N${round}` }])
      changed('local')
    }, round)
    await expect(status()).toHaveText(`${(5_000 - 2 * round).toLocaleString('en-US')} messages, 2 selected`)
    await expect.poll(top).toBe(before)
    await expect(list()).toBeFocused()
    for (const id of ['M002003', 'M002005']) await expect(row(id)).toHaveAttribute('aria-selected', 'true')
    expect(await list().getAttribute('aria-activedescendant')).toBe(await row('M002005').getAttribute('id'))
  }
  await expect(page.getByRole('region', { name: 'Message M002005' })).toBeVisible()
})

test('queues that cannot be read are said to be unreadable, never empty', async () => {
  await page.evaluate(() => window.story.fail('queues.list', { code: 'transport-unreachable', message: 'The relay does not answer.', remedy: 'Start the transport service.' }))
  await tree(page).getByRole('row', { name: 'Queue Viewer' }).click()
  const alert = page.getByRole('main').getByRole('alert').filter({ hasText: 'cannot be read' })
  await expect(alert).toContainText('The queues cannot be read. The relay does not answer.')
  await expect(page.getByRole('main')).not.toContainText('No mail waits.')
  await axeIsClean(page)
  await page.evaluate(() => window.story.fail('queues.list', null))
  await alert.getByRole('button', { name: 'Try again' }).click()
  await expect(alert).toBeHidden()
  await expect(page.getByRole('main')).toContainText('No mail waits.')
})

test('an action on a filter’s messages is told as it goes, can be cancelled, and says what was done', async () => {
  await openMessages(40)
  await page.evaluate(() => Object.assign(window.story.waiting, { hangsAfter: 3, retried: { outcome: 'deferred', text: '451 4.7.1 later' } }))
  await page.getByRole('textbox', { name: 'Filter:' }).fill('lastError contains SERVFAIL')
  await page.keyboard.press('Enter')
  await expect(status()).toHaveText('10 messages found')
  await list().focus()
  await page.keyboard.press('Control+a')
  await actions(page).getByRole('button', { name: /^Retry/ }).click()
  const retry = dialog(page, 'Retry')
  await expect(retry).toContainText('Retry 10 messages?')
  await retry.getByRole('button', { name: 'Retry' }).click()
  const going = dialog(page, 'Retrying 10 messages …')
  await expect(going.getByRole('progressbar')).toHaveAttribute('aria-valuenow', '3')
  await expect(going.getByRole('region', { name: 'Results' })).toContainText('Deferred: 3')
  await axeIsClean(page)
  await page.keyboard.press('Escape')
  await expect(going).toBeVisible()
  await going.getByRole('button', { name: 'Cancel' }).click()
  await expect(page.getByRole('dialog')).toContainText('3 of 10 messages were done before that.')
  await expect(page.getByRole('grid', { name: 'Results, one by one' })).toContainText('451 4.7.1 later')
})
