// The words by which the tests find what stands on the screen.
import type { Page } from '@playwright/test'
import { expect } from './window.ts'

export const edgeServers = (page: Page) => page.getByRole('grid', { name: 'Edge servers' })
/** Without its head. */
export const rows = (page: Page) => edgeServers(page).getByRole('row').filter({ has: page.getByRole('rowheader') })
export const actions = (page: Page) => page.getByRole('complementary', { name: 'Actions' })
export const details = (page: Page) => page.getByRole('region', { name: /^Details of/ })
export const tree = (page: Page) => page.getByRole('treegrid', { name: 'Console tree' })
export const rehearsalBar = (page: Page) => page.getByRole('region', { name: 'Rehearsal', exact: true })
export const dialog = (page: Page, name: string | RegExp) => page.getByRole('dialog', { name })

/** The change's own dialog, whatever it shows: the one on top. */
export const changeDialog = (page: Page) => page.getByRole('dialog').last()

/** The addresses in the dialog's list of DNS servers, without what stands beside them. */
export const listedServers = (page: Page) => page.getByRole('listbox', { name: /^DNS servers, in the order/ }).getByRole('option').locator('.item')

/** From Apply in the Properties to the end of the change. */
export async function applyPlan(page: Page): Promise<void> {
  const change = dialog(page, 'Apply these changes?')
  await change.getByRole('button', { name: 'Apply', exact: true }).click()
  // The title bar's own ✕ has the name alone, without the word.
  await expect(changeDialog(page).getByText('Close', { exact: true })).toBeVisible({ timeout: 30_000 })
}

export async function localServerRuns(page: Page): Promise<void> {
  await expect(rows(page)).toHaveCount(1)
  await expect(rows(page).first()).toContainText('Running')
}

export async function openLookups(page: Page, side: 'Internal' | 'External') {
  await actions(page).getByRole('button', { name: 'Properties' }).click()
  const opened = dialog(page, / Properties$/)
  await opened.getByRole('tab', { name: `${side} DNS Lookups` }).click()
  return opened
}

export async function chooseCard(page: Page, name: RegExp): Promise<void> {
  await page.getByRole('button', { name: /Network card/ }).click()
  await page.getByRole('option', { name }).click()
}
