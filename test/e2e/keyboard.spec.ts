// The main story without a mouse.
import type { Page } from '@playwright/test'
import { dialog, listedServers, localServerRuns, rehearsalBar, rows } from './console.ts'
import { expect, test } from './window.ts'

/** Tab until the focus is where a hand would look for it, as anyone without a mouse does. */
async function tabTo(page: Page, name: string | RegExp, key = 'Tab'): Promise<void> {
  const found = () =>
    page.evaluate(() => {
      const { activeElement: at } = document
      const label = at?.getAttribute('aria-label') ?? ''
      const named = (at?.getAttribute('aria-labelledby') ?? '').split(' ').map((id) => document.getElementById(id)?.innerText ?? '').join(' ')
      const text = at instanceof HTMLInputElement ? (at.labels?.[0]?.innerText ?? '') : ((at as HTMLElement | null)?.innerText ?? '')
      return `${label}|${named}|${text}`.replace(/\s+/g, ' ')
    })
  for (let presses = 0; presses < 40; presses++) {
    await page.keyboard.press(key)
    const parts = (await found()).split('|')
    if (parts.some((part) => (typeof name === 'string' ? part.trim() === name : name.test(part)))) return
  }
  throw new Error(`The Tab key does not lead to ${name}.`)
}

test('rehearse, find the row, Properties, choose LAN, apply, restart, delivered', async ({ bench }) => {
  const { page } = await bench.open()
  await localServerRuns(page)
  await tabTo(page, 'Rehearse the incident')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('button', { name: 'Play it for me' })).toBeVisible()
  await tabTo(page, 'Rehearse the incident')
  await page.keyboard.press('Enter')
  await expect(rehearsalBar(page)).toBeVisible({ timeout: 30_000 })

  await tabTo(page, /rehearsal/)
  await expect(rows(page).last()).toBeFocused()
  // Up and down the rows, and Enter opens the Properties of the one that has the focus.
  await page.keyboard.press('ArrowUp')
  await expect(rows(page).first()).toHaveAttribute('aria-selected', 'true')
  await page.keyboard.press('ArrowDown')
  await expect(rows(page).last()).toHaveAttribute('aria-selected', 'true')
  await page.keyboard.press('Enter')
  const properties = dialog(page, / Properties$/)
  await expect(properties).toBeVisible()

  await tabTo(page, 'General')
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('ArrowRight')
  await expect(properties.getByRole('tab', { name: 'Internal DNS Lookups' })).toHaveAttribute('aria-selected', 'true')
  await tabTo(page, /Network card/)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('option', { name: /^DMZ/ })).toBeFocused()
  await page.keyboard.press('l')
  await expect(page.getByRole('option', { name: /^LAN/ })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(properties.getByRole('list', { name: 'DNS servers of LAN:' })).toContainText('10.0.0.10')

  await tabTo(page, 'Apply')
  await page.keyboard.press('Enter')
  await expect(dialog(page, 'Apply these changes?').getByRole('button', { name: 'Apply', exact: true })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(dialog(page, 'Kept').getByText('Close', { exact: true })).toBeFocused({ timeout: 20_000 })
  await page.keyboard.press('Enter')
  await tabTo(page, 'OK')
  await page.keyboard.press('Enter')
  await expect(properties).toBeHidden()
  // Back where it was opened from.
  await expect(rows(page).last()).toBeFocused()

  await expect(rehearsalBar(page)).toContainText('Delivered.', { timeout: 20_000 })
  await tabTo(page, 'End rehearsal')
  await page.keyboard.press('Enter')
  await expect(rehearsalBar(page)).toBeHidden()
})

test('the list of DNS servers without a mouse', async ({ bench }) => {
  const { page } = await bench.open()
  await localServerRuns(page)
  await tabTo(page, 'Properties')
  await page.keyboard.press('Enter')
  const properties = dialog(page, / Properties$/)
  await tabTo(page, 'General')
  await page.keyboard.press('ArrowRight')
  await tabTo(page, /^Use network card/)
  await page.keyboard.press('ArrowDown')
  await expect(properties.getByRole('radio', { name: 'Use these DNS servers:' })).toBeChecked()
  await page.keyboard.press('Tab')
  for (const server of ['10.0.0.1', '10.0.0.2']) {
    await page.keyboard.type(server)
    await page.keyboard.press('Enter')
  }
  const options = properties.getByRole('option')
  await expect(listedServers(page)).toHaveText(['10.0.0.1', '10.0.0.2'])
  await page.keyboard.press('Tab')
  await expect(options.last()).toBeFocused()
  await tabTo(page, 'Move up')
  await page.keyboard.press('Enter')
  await expect(listedServers(page)).toHaveText(['10.0.0.2', '10.0.0.1'])
  // The button can act no more; the focus is not lost to nowhere.
  await expect(properties.getByRole('listbox')).toBeFocused({ timeout: 2000 }).catch(() => expect(options.first()).toBeFocused())
  await page.keyboard.press('Delete')
  await expect(listedServers(page)).toHaveText(['10.0.0.1'])
  await page.keyboard.press('Escape')
  await expect(properties).toBeHidden()
})

test('the console tree is walked with the arrows', async ({ bench }) => {
  const { page } = await bench.open()
  await localServerRuns(page)
  await tabTo(page, 'Edge Transport')
  await page.keyboard.press('ArrowDown')
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Toolbox')
  for (const tool of ['Queue Viewer', 'Mail Flow Troubleshooter', 'SMTP Test', 'Hosts File']) {
    await page.keyboard.press('ArrowDown')
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(tool)
  }
  await page.keyboard.press('End')
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Rehearsal')
  await page.keyboard.press('Home')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowLeft')
  await expect(page.getByRole('row', { name: 'Queue Viewer' })).toBeHidden()
})
