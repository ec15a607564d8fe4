// Closing: said once that the transport service keeps running, with a button that stops it.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { localServerRuns, rows } from './console.ts'
import { expect, test, type Opened } from './window.ts'

const close = ({ app }: Opened) => app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.close())
const ends = ({ child }: Opened) => new Promise((resolve) => child.once('exit', resolve))

test('the first close says that the service keeps running; closing leaves it so, and the next time nothing is said', async ({ bench }) => {
  const first = await bench.open()
  await localServerRuns(first.page)
  await close(first)
  const said = first.page.getByRole('alertdialog')
  await expect(said).toContainText('The transport service keeps running')
  await expect(said.getByRole('button', { name: 'Close the console' })).toBeFocused()
  // It waits for the administrator, however long that takes.
  await first.page.waitForTimeout(4000)
  await expect(said).toBeVisible()
  const firstEnds = ends(first)
  // The window may be gone before the key is up again.
  await first.page.keyboard.press('Enter').catch(() => undefined)
  await firstEnds
  expect(JSON.parse(await bench.edgewise('service', 'status', '--json'))).toMatchObject({ service: { state: 'running' } })
  expect(existsSync(join(bench.home, 'window.json'))).toBe(true)

  const second = await bench.open()
  await localServerRuns(second.page)
  const secondEnds = ends(second)
  await close(second)
  await secondEnds
})

test('its other button stops the service', async ({ bench }) => {
  const opened = await bench.open()
  await localServerRuns(opened.page)
  await close(opened)
  const end = ends(opened)
  await opened.page.getByRole('button', { name: 'Stop the transport service and close' }).click().catch(() => undefined)
  await end
  expect(await bench.edgewise('service', 'status', '--json').catch(({ stdout }: { stdout: string }) => stdout)).toContain('"stopped"')
})

test('Escape keeps the console; the next close is not asked about', async ({ bench }) => {
  const opened = await bench.open()
  await localServerRuns(opened.page)
  await close(opened)
  await expect(opened.page.getByRole('alertdialog')).toBeVisible()
  await opened.page.keyboard.press('Escape')
  await expect(opened.page.getByRole('alertdialog')).toBeHidden()
  await expect(rows(opened.page).first()).toContainText('Running')
  const end = ends(opened)
  await close(opened)
  await end
})

test('a signal from outside ends the window without a question, and leaves the service', async ({ bench }) => {
  const opened = await bench.open()
  await localServerRuns(opened.page)
  await bench.end(opened)
  expect(JSON.parse(await bench.edgewise('service', 'status', '--json'))).toMatchObject({ service: { state: 'running' } })
})
