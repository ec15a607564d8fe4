// Several edge servers beside each other, before a double of the main side: a second Postfix would need the system's own.
import { rmSync } from 'node:fs'
import { test, type ElectronApplication, type Page } from '@playwright/test'
import { axeIsClean } from './axe.ts'
import { actions, details, dialog, rows, tree } from './console.ts'
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
  await page.evaluate(() => {
    const { story } = window
    const relay = story.servers.get('local')!
    const noExternal = 'Postfix has no External DNS lookups.'
    const postfix = { ...relay, transport: 'postfix' as const, version: '3.7.11', capabilities: { ...relay.capabilities, noExternal } }
    story.servers.set('local', { ...postfix, configDir: '/etc/postfix', waiting: 0 })
    story.servers.set('postfix:postfix-out', { ...postfix, name: 'postfix-out', configDir: '/etc/postfix-out', service: { ...relay.service, listening: '127.0.0.2:25' } })
    story.servers.set('embedded', relay)
    story.waiting.mail.set('local', [])
    story.changed('local')
  })
  await expect(rows(page)).toHaveCount(3)
})
test.afterEach(() => app.close())

test('each stands with its transport; actions and details are those of the one that is selected', async () => {
  await expect(rows(page)).toHaveText([/^edge01Postfix3\.7\.11Running/, /^postfix-outPostfix3\.7\.11Running/, /^edge01Embedded3\.3\.4Running/])
  await axeIsClean(page)
  await rows(page).nth(1).click()
  await expect(details(page)).toContainText('Takes mail on 127.0.0.2:25')
  await expect(details(page)).toContainText('not offeredPostfix has no External DNS lookups.')
  await actions(page).getByRole('button', { name: 'Stop transport service' }).click()
  await expect(rows(page)).toHaveText([/Running/, /Stopped/, /Running/])
  await actions(page).getByRole('button', { name: 'Properties' }).click()
  await expect(dialog(page, 'postfix-out Properties')).toContainText('Configuration/etc/postfix-out')
  await page.keyboard.press('Escape')
  await rows(page).nth(2).click()
  await expect(details(page)).toContainText('Takes mail on 127.0.0.1:2525')
  await actions(page).getByRole('button', { name: 'Properties' }).click()
  await expect(dialog(page, 'edge01 Properties')).toContainText('Home folder/var/lib/edgewise')
})

test('every tool is about the one that is selected, and lets another be chosen by its transport', async () => {
  await rows(page).nth(1).click()
  const choice = page.getByRole('combobox', { name: 'Edge server' })
  for (const tool of ['Queue Viewer', 'Mail Flow Troubleshooter', 'SMTP Test', 'Hosts File']) {
    await tree(page).getByRole('row', { name: tool }).click()
    await expect(choice).toHaveValue('postfix:postfix-out')
    await expect(choice.getByRole('option')).toHaveText(['edge01 (Postfix)', 'postfix-out (Postfix)', 'edge01 (Embedded)'])
    await axeIsClean(page)
  }
  await choice.selectOption('embedded')
  await tree(page).getByRole('row', { name: 'Edge Transport' }).click()
  await expect(rows(page).nth(2)).toHaveAttribute('aria-selected', 'true')
})
