// What the tests of the troubleshooter and of the rehearsal share: its words on the screen, and the way into a scenario.
import type { Page } from '@playwright/test'
import { localServerRuns, rehearsalBar, tree } from './console.ts'
import { expect } from './window.ts'

/** A scenario's DNS servers may be silent, and so may its destinations. */
const slow = { timeout: 40_000 }

export const target = (page: Page) => page.getByRole('textbox', { name: 'Why is mail delayed to:' })
export const outcome = (page: Page) => page.getByRole('region', { name: 'Outcome' })
export const headline = (page: Page) => outcome(page).getByRole('heading').first()
export const causes = (page: Page) => outcome(page).getByRole('list', { name: 'Causes, in the order in which they bite' }).locator('> li')
export const looked = (page: Page) => page.getByRole('region', { name: 'What was looked at' })
export const moved = (page: Page) => page.getByRole('region', { name: 'What moved' })
export const findOut = (page: Page) => page.getByRole('main').getByRole('button', { name: 'Find out', exact: true })
export const remedy = (page: Page, name: string) => page.getByRole('region', { name: 'What can be done' }).getByRole('listitem').filter({ has: page.getByText(name, { exact: true }) })

/** Of a window that other tests were in: no dialog, no rehearsal, the edge server that runs. */
export async function startAnew(page: Page): Promise<void> {
  for (let open = await page.getByRole('dialog').count(); open > 0; open--) await page.keyboard.press('Escape')
  await endRehearsal(page)
  await tree(page).getByRole('row', { name: 'Edge Transport' }).click()
  await localServerRuns(page)
}

export const openPage = (page: Page) => tree(page).getByRole('row', { name: 'Rehearsal' }).click()

/** By its file's name. */
export async function rehearse(page: Page, scenario: string): Promise<void> {
  await openPage(page)
  await page.getByRole('listbox', { name: 'Scenario:' }).selectOption(scenario)
  await page.getByRole('main').getByRole('button', { name: 'Rehearse the incident' }).click()
  await expect(rehearsalBar(page)).toContainText('End rehearsal', slow)
}

export async function findOutWhy(page: Page): Promise<void> {
  await rehearsalBar(page).getByRole('button', { name: 'Find out why' }).click()
  await expect(headline(page)).toBeVisible(slow)
}

export async function endRehearsal(page: Page): Promise<void> {
  if (!(await rehearsalBar(page).isVisible())) return
  await rehearsalBar(page).getByRole('button', { name: 'End rehearsal' }).click()
  await expect(rehearsalBar(page)).toBeHidden()
}
