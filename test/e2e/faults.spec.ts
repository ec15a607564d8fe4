// What is wrong from the start is said in a clear sentence, and the rest can be used.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { actions, localServerRuns, rehearsalBar, rows } from './console.ts'
import { expect, processesOf, test } from './window.ts'

test('a home folder that cannot be one', async ({ bench }) => {
  writeFileSync(bench.home, '')
  const { page } = await bench.open()
  await expect(page.getByRole('main').getByRole('alert')).toContainText('cannot be written: ')
  await expect(actions(page).getByRole('button', { name: 'Queue Viewer' })).toBeVisible()
})

test('a damaged settings file is left as it is; mended, the console goes on', async ({ bench }) => {
  const settings = join(bench.home, 'settings.json')
  mkdirSync(bench.home)
  writeFileSync(settings, '{ "lookups": ')
  const { page } = await bench.open()
  const alert = page.getByRole('main').getByRole('alert')
  await expect(alert).toContainText(`The settings file ${settings} is damaged`)
  expect(readFileSync(settings, 'utf8')).toBe('{ "lookups": ')
  writeFileSync(settings, '{}')
  await alert.getByRole('button', { name: 'Try again' }).click()
  await expect(rows(page)).toHaveCount(1)
  await expect(alert).toBeHidden()
})

test('a port that another program has; and a rehearsal all the same', async ({ bench }) => {
  const other = createServer().listen(bench.port, '127.0.0.1')
  try {
    const { page } = await bench.open()
    await expect(page.getByRole('status').filter({ hasText: `The port 127.0.0.1:${bench.port} is taken by another program` })).toBeVisible()
    await expect(rows(page)).toHaveCount(1)
    await actions(page).getByRole('button', { name: 'Rehearse the incident' }).click()
    await page.getByRole('main').getByRole('button', { name: 'Rehearse the incident' }).click()
    await expect(rehearsalBar(page)).toBeVisible({ timeout: 30_000 })
    await page.getByRole('button', { name: /^Dismiss: / }).first().click()
  } finally {
    other.close()
  }
})

test('a world file that is none', async ({ bench }) => {
  writeFileSync(join(bench.folder, 'world.json'), '{')
  const { page } = await bench.open()
  const alert = page.getByRole('main').getByRole('alert')
  await expect(alert).toContainText('is not valid JSON')
  bench.setWorld({})
  await alert.getByRole('button', { name: 'Try again' }).click()
  await localServerRuns(page)
})

test('a relay that dies is started again, and the console says so', async ({ bench }) => {
  const { page } = await bench.open()
  await localServerRuns(page)
  const state = await page.evaluate(() => window.edgewise.servers.serviceState({ server: 'local' }))
  const relay = state.ok ? state.value.service.pid : null
  expect(processesOf(bench.folder)).toContain(relay)
  process.kill(relay!, 'SIGKILL')
  await expect(page.getByRole('status').filter({ has: page.getByRole('button', { name: /^Dismiss/ }) })).toContainText(/transport service/)
  await expect(rows(page).first()).toContainText('Running')
})
