// Axe finds nothing, nothing is cut off, and what the system asks for (contrast, less motion) is given.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import type { ElectronApplication, Page } from '@playwright/test'
import { actions, applyPlan, chooseCard, dialog, localServerRuns, openLookups, rehearsalBar, tree } from './console.ts'
import { expect, test } from './window.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Injected by hand: axe's own Playwright adapter opens a page, which this runtime cannot. */
async function findings(page: Page): Promise<string[]> {
  await page.evaluate(axe)
  const { violations } = await page.evaluate(() => (window as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run())
  return violations.flatMap(({ id, help, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${help} — ${target.join(' ')} — ${failureSummary ?? ''}`))
}

/** Words that are cut off where nothing lets them be read in full. */
const cutOff = (page: Page) =>
  page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('button, h1, h2, h3, dt, dd, label, p, li, [role=tab], [role=option], [role=gridcell], [role=rowheader]')]
      .filter((one) => one.checkVisibility() && !one.closest('.unseen') && !one.classList.contains('unseen'))
      .filter((one) => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflowX !== 'visible' && getComputedStyle(one).overflowX !== 'auto')
      .map((one) => one.innerText),
  )

const resize = (app: ElectronApplication, width: number, height: number) =>
  app.evaluate(({ BrowserWindow }, { width, height }) => BrowserWindow.getAllWindows()[0]!.setContentSize(width, height), { width, height })

test('axe finds nothing on console, dialog, queue viewer and rehearsal', async ({ bench }) => {
  const { page } = await bench.open()
  await localServerRuns(page)
  await page.emulateMedia({ reducedMotion: 'reduce' })
  expect(await findings(page)).toEqual([])
  await tree(page).getByRole('row', { name: 'Toolbox' }).click()
  expect(await findings(page)).toEqual([])

  const properties = await openLookups(page, 'External')
  expect(await findings(page)).toEqual([])
  await properties.getByText('Use these DNS servers:').click()
  await page.getByRole('textbox').fill('1.2.3')
  expect(await findings(page)).toEqual([])
  await properties.getByRole('tab', { name: 'General' }).click()
  expect(await findings(page)).toEqual([])
  await page.keyboard.press('Escape')

  await actions(page).getByRole('button', { name: 'Rehearse the incident' }).click()
  await expect(page.getByRole('button', { name: 'Play it for me' })).toBeVisible()
  expect(await findings(page)).toEqual([])
  await page.getByRole('main').getByRole('button', { name: 'Rehearse the incident' }).click()
  await expect(rehearsalBar(page)).toBeVisible({ timeout: 30_000 })
  expect(await findings(page)).toEqual([])
  await actions(page).getByRole('button', { name: 'Queue Viewer' }).click()
  await expect(page.getByRole('grid', { name: 'Queues' })).toBeVisible()
  expect(await findings(page)).toEqual([])
  await page.getByRole('button', { name: 'Show its messages' }).last().click()
  await expect(page.getByRole('grid', { name: /^Messages to/ })).toBeVisible()
  expect(await findings(page)).toEqual([])

  await openLookups(page, 'Internal')
  await chooseCard(page, /^LAN/)
  await properties.getByRole('button', { name: 'Apply' }).click()
  await expect(dialog(page, 'Apply these changes?')).toContainText('10.0.0.10 answers')
  expect(await findings(page)).toEqual([])
  await applyPlan(page)
  await expect(dialog(page, 'Kept')).toContainText('was delivered')
  expect(await findings(page)).toEqual([])
})

test('nothing is cut off at 1024 × 768, and the window can be as large as a screen of 4K', async ({ bench }) => {
  const { page, app } = await bench.open()
  await localServerRuns(page)
  for (const [width, height] of [[1024, 768], [3840, 2160]] as const) {
    await resize(app, width, height)
    // Whatever the screen of the test is: the page is drawn at this size.
    await page.setViewportSize({ width, height })
    expect(await cutOff(page)).toEqual([])
    expect(await page.evaluate(() => [document.documentElement.scrollWidth - innerWidth, document.documentElement.scrollHeight - innerHeight])).toEqual([0, 0])
    const properties = await openLookups(page, 'External')
    expect(await cutOff(page)).toEqual([])
    const panel = properties.getByRole('tabpanel')
    expect(await panel.evaluate((one) => one.scrollHeight - one.clientHeight)).toBeLessThanOrEqual(0)
    await page.keyboard.press('Escape')
  }
})

test('with forced colours a selected row and the focus are still told', async ({ bench }) => {
  const { page } = await bench.open()
  await localServerRuns(page)
  await page.emulateMedia({ forcedColors: 'active' })
  const row = page.getByRole('row', { selected: true }).last()
  const colour = await row.evaluate((one) => getComputedStyle(one).backgroundColor)
  const plain = await page.getByRole('grid').evaluate((one) => getComputedStyle(one).backgroundColor)
  expect(colour).not.toBe(plain)
  await page.keyboard.press('Tab')
  expect(await page.evaluate(() => getComputedStyle(document.querySelector('[data-focus-visible], :focus-visible')!).outlineStyle)).toBe('solid')
})

test('who asks for less motion sees none', async ({ bench }) => {
  const { page } = await bench.open()
  await localServerRuns(page)
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await actions(page).getByRole('button', { name: 'Properties' }).focus()
  expect(await page.evaluate(() => document.getAnimations().length)).toBe(0)
})
