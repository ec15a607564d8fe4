// Each kind of remedy in the real window: done with one click, or handed to whoever can do it, and what moved by it.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Locator, Page } from '@playwright/test'
import { axeIsClean } from './axe.ts'
import { changeDialog, dialog, rehearsalBar } from './console.ts'
import { causes, findOut, findOutWhy, headline, looked, moved, outcome, rehearse, remedy, startAnew, target } from './troubleshooter.ts'
import { expect, inOneWindow as test } from './window.ts'

test.beforeEach(({ opened: { page } }) => startAnew(page))

/** By the Tab key alone. */
async function tabTo(page: Page, wanted: Locator): Promise<void> {
  for (let stops = 60; stops > 0 && !(await wanted.evaluate((one) => one === document.activeElement)); stops--) await page.keyboard.press('Tab')
  await expect(wanted).toBeFocused()
}

test('resume: what is suspended is sent, and the cause is gone; by the keyboard alone', async ({ opened: { page } }) => {
  await rehearse(page, 'queue-suspended')
  await tabTo(page, rehearsalBar(page).getByRole('button', { name: 'Find out why' }))
  await page.keyboard.press('Enter')
  await expect(causes(page).first()).toContainText('queue-suspended')
  await axeIsClean(page)
  const raw = causes(page).first().locator('details').first()
  await tabTo(page, raw.locator('summary'))
  await expect(raw.locator('summary')).toHaveCSS('outline-style', 'solid')
  await page.keyboard.press('Space')
  await expect(raw).toHaveAttribute('open')
  await tabTo(page, remedy(page, 'resume').getByRole('button', { name: /^Resume now/ }))
  await page.keyboard.press('Enter')
  await expect(moved(page)).toContainText('“The queue is suspended” is gone.', { timeout: 30_000 })
  await expect(moved(page)).toBeFocused()
  await expect(page.getByRole('list', { name: 'What was done' })).toContainText('Resume what is suspended.')
  await axeIsClean(page)
  await expect(rehearsalBar(page)).toContainText('Delivered1')
})

test('start-service: it runs again, and what waits goes out', async ({ opened: { page } }) => {
  await rehearse(page, 'service-stopped')
  await findOutWhy(page)
  await expect(causes(page)).toHaveCount(1)
  await remedy(page, 'start-service').getByRole('button', { name: /^Start it now/ }).press('Enter')
  await expect(moved(page)).toContainText('“The transport service is stopped” is gone.', { timeout: 30_000 })
  await expect(moved(page)).toContainText(/1 message waited, and (nothing waits any more|1 still waits)/)
  await expect(looked(page)).toContainText('The transport service')
  await expect(rehearsalBar(page)).toContainText('Delivered1')
})

test('wait: until the time that the destination named, then it is tried again', async ({ opened: { page } }) => {
  await rehearse(page, 'greylisted')
  await findOutWhy(page)
  const waiting = page.getByRole('region', { name: 'By waiting' })
  await expect(waiting.getByRole('heading', { level: 4 })).toHaveText(/^Wait until \d\d:\d\d:\d\d/)
  await waiting.getByRole('button', { name: /^Wait, then try again/ }).press('Enter')
  await expect(moved(page)).toContainText('1 message waited, and nothing waits any more.', { timeout: 30_000 })
  await expect(rehearsalBar(page)).toContainText('Delivered1')
})

test('a wait can be cancelled, and leaves what was found; retry sends what the destination takes by now', async ({ opened: { page } }) => {
  await rehearse(page, 'greylisted')
  await findOutWhy(page)
  await page.getByRole('button', { name: /^Wait, then try again/ }).press('Enter')
  const cancel = page.getByRole('main').getByRole('button', { name: 'Cancel' })
  await expect(cancel).toBeFocused()
  await cancel.press('Enter')
  await expect(page.getByRole('main')).toContainText('Cancelled.')
  await expect(causes(page).first()).toContainText('greylisted')
  const retry = remedy(page, 'retry').getByRole('button', { name: /^Try again now/ })
  await expect(async () => {
    await findOut(page).click()
    await expect(headline(page)).toBeVisible()
    await expect(retry).toBeVisible({ timeout: 500 })
  }).toPass({ timeout: 20_000 })
  await retry.press('Enter')
  await expect(moved(page)).toContainText('1 message waited, and nothing waits any more.', { timeout: 30_000 })
})

test('edit-hosts: the plan shows the line, and once it is kept nothing waits', async ({ opened: { page } }) => {
  await rehearse(page, 'hosts-override')
  await findOutWhy(page)
  await expect(causes(page).first()).toContainText('hosts-override')
  await remedy(page, 'edit-hosts:2').getByRole('button', { name: /^Show the plan/ }).press('Enter')
  const plan = changeDialog(page)
  await expect(plan).toContainText('mail.example.test')
  await plan.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(changeDialog(page).getByText('Close', { exact: true })).toBeVisible({ timeout: 30_000 })
  await changeDialog(page).getByText('Close', { exact: true }).click()
  await expect(moved(page)).toContainText('“The hosts file leads the mail astray” is gone.', { timeout: 30_000 })
  await expect(moved(page)).toContainText('1 message waited, and nothing waits any more.')
  await expect(moved(page)).toBeFocused()
})

test('a wait longer than anybody waits has no button that would fail', async ({ opened: { page } }) => {
  await rehearse(page, 'destination-busy')
  await findOutWhy(page)
  const waiting = page.getByRole('region', { name: 'By waiting' })
  await expect(waiting).toContainText('the transport tries again by itself')
  await expect(waiting.getByRole('button')).toHaveCount(0)
})

test('publish-record is copied to the letter; the report has the cause, and no mail address', async ({ bench, opened: { app, page } }) => {
  await rehearse(page, 'spf-fail')
  await findOutWhy(page)
  const record = page.getByRole('region', { name: 'By your DNS owner' })
  await expect(record).toContainText('edge.test TXT "v=spf1 ip4:203.0.113.99 ip4:203.0.113.12 -all"')
  await record.getByRole('button', { name: /^Copy/ }).press('Enter')
  await expect(record.getByRole('status')).toHaveText('Copied')
  expect(await app.evaluate(({ clipboard }) => clipboard.readText())).toBe('edge.test TXT "v=spf1 ip4:203.0.113.99 ip4:203.0.113.12 -all"')

  await outcome(page).getByRole('button', { name: 'Save report …' }).press('Enter')
  const saving = dialog(page, 'Save report')
  await saving.getByRole('textbox', { name: 'File:' }).fill(join(bench.folder, 'spf.html'))
  await page.keyboard.press('Enter')
  await expect(saving).toContainText('Saved as')
  await saving.getByText('Close', { exact: true }).click()
  await expect(outcome(page).getByRole('button', { name: 'Save report …' })).toBeFocused()
  const json = readFileSync(join(bench.folder, 'spf.json'), 'utf8')
  expect(JSON.parse(json)).toMatchObject({ diagnosis: { causes: expect.arrayContaining([expect.objectContaining({ name: 'spf-fail', proof: 'proven' })]) } })
  for (const text of [json, readFileSync(join(bench.folder, 'spf.html'), 'utf8')]) expect(text).not.toContain('alice@example.test')
})

test('tell-destination is copied and saved as it stands', async ({ bench, opened: { app, page } }) => {
  await rehearse(page, 'host-refusing')
  await findOutWhy(page)
  const tell = page.getByRole('region', { name: 'At the destination' })
  const text = await tell.locator('.remedy-text').textContent()
  expect(text).toMatch(/^To: postmaster@example\.test\nSubject: /)
  expect(text).toContain('refuses connections to port 25')
  await tell.getByRole('button', { name: /^Copy/ }).press('Enter')
  await expect(tell.getByRole('status')).toHaveText('Copied')
  expect(await app.evaluate(({ clipboard }) => clipboard.readText())).toBe(text)
  await tell.getByRole('button', { name: /^Save …/ }).press('Enter')
  const saving = dialog(page, 'Save text')
  const file = join(bench.folder, 'to postmaster.txt')
  await saving.getByRole('textbox', { name: 'File:' }).fill(file)
  await page.keyboard.press('Enter')
  await expect(saving).toContainText('Saved as')
  expect(readFileSync(file, 'utf8')).toBe(`${text}\n`)
})

test('open-port says from where to where, and the test to repeat', async ({ opened: { app, page } }) => {
  await rehearse(page, 'port25-filtered')
  await findOutWhy(page)
  const network = page.getByRole('region', { name: 'In your network' })
  await expect(network).toContainText('open-port:25')
  await network.getByRole('button', { name: /^Copy/ }).press('Enter')
  await expect(network.getByRole('status')).toHaveText('Copied')
  const copied = await app.evaluate(({ clipboard }) => clipboard.readText())
  expect(copied).toContain('from 203.0.113.12 to port 25')
  expect(copied).toContain('edgewise smtp-test --host ')
})

test('two faults stand in the order in which they bite, with who can do what about each', async ({ opened: { page } }) => {
  await rehearse(page, 'two-domains')
  await findOutWhy(page)
  await expect(headline(page)).toHaveText('2 causes are proven')
  await expect(causes(page)).toContainText(['host-refusing', 'mailbox-full'])
  await expect(remedy(page, 'tell-sender').getByRole('button', { name: /^Copy/ })).toBeVisible()
  await axeIsClean(page)
})

test('what is worth knowing is no fault, and stands apart from what is ruled out', async ({ opened: { page } }) => {
  await rehearse(page, 'healthy-blocklist-refuses')
  await findOutWhy(page)
  await expect(headline(page)).toHaveText('Nothing wrong found')
  await expect(page.getByRole('region', { name: 'Worth knowing' })).toContainText('is not known')
  await outcome(page).getByText(/^\d+ causes ruled out$/).press('Enter')
  await expect(outcome(page)).toContainText('What rules it out')
  await axeIsClean(page)
})

test('at twice the size nothing is cut off', async ({ opened: { app, page } }) => {
  await rehearse(page, 'host-refusing')
  await findOutWhy(page)
  const zoom = (to: number) => app.evaluate(({ BrowserWindow }, factor) => BrowserWindow.getAllWindows()[0]!.webContents.setZoomFactor(factor), to)
  await zoom(2)
  try {
    await expect.poll(() => page.evaluate(() => innerWidth)).toBeLessThan(700)
    const beyond = await page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('button, input, select, h2, h3, h4, p, dt, dd, summary')]
        .filter((one) => one.checkVisibility() && !one.closest('.unseen'))
        .filter((one) => one.getBoundingClientRect().right > innerWidth || (one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflowX === 'hidden'))
        .map((one) => one.innerText),
    )
    expect(beyond).toEqual([])
    await axeIsClean(page)
    await rehearsalBar(page).getByRole('button', { name: 'Find out why' }).click()
    await expect(remedy(page, 'tell-destination:example.test').getByRole('button', { name: /^Save …/ })).toBeVisible()
  } finally {
    await zoom(1)
  }
})

test('mail that was returned is asked about, though nothing waits any more', async ({ opened: { page } }) => {
  await rehearse(page, 'domain-null-mx')
  await findOutWhy(page)
  await expect(target(page)).not.toHaveValue('*')
  await expect(causes(page).first()).toContainText('domain-null-mx')
  await expect(causes(page)).toHaveCount(1)
})
