// The troubleshooter in the real window before the real relay: from “Why?” to the proven cause, its remedy, and what moved.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { axeIsClean } from './axe.ts'
import { actions, changeDialog, dialog, rehearsalBar, tree } from './console.ts'
import { causes, looked, outcome, rehearse, startAnew, target } from './troubleshooter.ts'
import { expect, inOneWindow as test, picture } from './window.ts'

test.beforeEach(({ opened: { page } }) => startAnew(page))

test('Why? proves the wrong adapter, one click shows the plan, and once it is kept nothing waits', async ({ opened: { page, complaints } }) => {
  await rehearse(page, 'wrong-adapter')
  await expect(rehearsalBar(page)).toContainText('Waiting1')
  await actions(page).getByRole('button', { name: 'Queue Viewer' }).click()
  const queues = page.getByRole('grid', { name: 'Queues' })
  await queues.getByRole('row', { name: /example\.test/ }).click()
  await queues.focus()
  await page.keyboard.press('?')

  await expect(target(page)).toHaveValue('example.test')
  await expect(looked(page).getByRole('listitem').first()).toBeVisible()
  await expect(outcome(page)).toContainText('The cause is proven', { timeout: 30_000 })
  await expect(causes(page).first()).toContainText('Proven:')
  await expect(causes(page).first()).toContainText('dns-wrong-adapter')
  const evidence = causes(page).first().getByRole('list', { name: 'Evidence for it' })
  await expect(evidence).toContainText('203.0.113.53')
  const raw = evidence.locator('details').first()
  await raw.locator('summary').focus()
  await page.keyboard.press('Enter')
  await expect(raw.locator('pre')).toContainText('203.0.113.53')
  await axeIsClean(page)
  await page.getByRole('main').locator('.trouble-body').evaluate((body) => (body.scrollTop = 0))
  await picture(page, 'troubleshooter')

  await outcome(page).getByRole('button', { name: /^Show the plan … Ask the DNS servers of “LAN”/ }).press('Enter')
  const plan = dialog(page, 'Apply these changes?')
  await expect(plan.getByRole('region', { name: 'What the DNS servers answer' })).toContainText('10.0.0.10 answers')
  await expect(plan.getByRole('button', { name: 'Apply', exact: true })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(dialog(page, 'Kept')).toContainText('was delivered', { timeout: 30_000 })
  await changeDialog(page).getByText('Close', { exact: true }).click()

  const moved = page.getByRole('region', { name: 'What moved' })
  await expect(moved).toContainText('“The transport asks the wrong adapter” is gone.', { timeout: 30_000 })
  await expect(moved).toContainText('1 message waited, and nothing waits any more.')
  await expect(moved).toBeFocused()
  await expect(outcome(page).getByRole('heading').first()).toHaveText(/Nothing wrong found|No cause is proven/)
  await expect(rehearsalBar(page)).toContainText('Waiting0')
  await axeIsClean(page)
  expect(complaints).toEqual([])
})

test('where nothing is wrong it says so, with what was looked at; the report is saved', async ({ bench, opened: { page } }) => {
  await rehearse(page, 'healthy')
  await actions(page).getByRole('button', { name: 'Why is mail delayed?' }).click()
  await expect(target(page)).toHaveValue('*')
  await expect(outcome(page).getByRole('heading').first()).toBeVisible({ timeout: 30_000 })
  await target(page).fill('example.test')
  await page.keyboard.press('Enter')
  await expect(outcome(page)).toContainText('Nothing wrong was found with mail for example.test', { timeout: 30_000 })
  await expect(outcome(page).getByRole('heading').first()).toHaveText('Nothing wrong found')
  await expect(causes(page)).toHaveCount(0)
  await expect(looked(page).locator('summary').first()).toContainText(/\d findings?/)

  await outcome(page).getByRole('button', { name: 'Save report …' }).click()
  const saving = dialog(page, 'Save report')
  const file = join(bench.folder, 'report.html')
  // Both or none: what is there already is not overwritten.
  writeFileSync(join(bench.folder, 'report.json'), 'mine')
  await saving.getByRole('textbox', { name: 'File:' }).fill(file)
  await page.keyboard.press('Enter')
  await expect(saving.getByRole('alert')).toContainText('report.json is there already')
  expect(existsSync(file)).toBe(false)
  rmSync(join(bench.folder, 'report.json'))
  await saving.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(saving).toContainText('Saved as')
  expect(readFileSync(file, 'utf8')).toContain('Diagnosis of example.test')
  expect(JSON.parse(readFileSync(join(bench.folder, 'report.json'), 'utf8'))).toMatchObject({ diagnosis: { target: 'example.test', healthy: true } })
  await axeIsClean(page)
  await saving.getByText('Close', { exact: true }).click()
})

test('what waits for a silent DNS server can be cancelled, and shows what was found until then', async ({ opened: { page } }) => {
  await rehearse(page, 'wrong-adapter-silent')
  await rehearsalBar(page).getByRole('button', { name: 'Find out why' }).click()
  const cancel = page.getByRole('main').getByRole('button', { name: 'Cancel' })
  await expect(looked(page).locator('[data-state=ended]').first()).toBeVisible()
  await cancel.press('Enter')
  await expect(page.getByRole('main')).toContainText('Cancelled. What was found until then is shown.')
  await expect(outcome(page)).toHaveCount(0)
  await expect(looked(page)).toContainText('cut short')
  await expect(page.getByRole('main').getByRole('button', { name: 'Find out' })).toBeEnabled()
  await axeIsClean(page)
})

test('the address that destinations see is asked once and kept; what is no address is told', async ({ bench, opened: { page } }) => {
  await tree(page).getByRole('row', { name: 'Mail Flow Troubleshooter' }).click()
  await page.getByRole('button', { name: 'Change the address that destinations see' }).click()
  const form = page.getByRole('form', { name: 'Address that destinations see' })
  await form.getByRole('textbox').fill('198.51.100')
  await page.keyboard.press('Enter')
  await expect(form.getByRole('alert')).toContainText('is not an IP address')
  await axeIsClean(page)
  await form.getByRole('textbox').fill('198.51.100.10')
  await page.keyboard.press('Enter')
  await expect(page.getByText('Destinations see 198.51.100.10')).toBeVisible()
  expect(readFileSync(join(bench.home, 'egress.json'), 'utf8')).toContain('198.51.100.10')
})
