// A hundred thousand messages in the real window before the real relay: rows are there wherever the list is scrolled to,
// and what is selected, where the keyboard is and where the list stands outlast a refresh.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fillQueue } from '../bench/fill-queue.mjs'
import { localServerRuns, tree } from './console.ts'
import { expect, test } from './window.ts'

const count = 100_000

test('of a real queue every row that is seen is there, and a refresh moves nothing', async ({ bench }) => {
  test.setTimeout(240_000)
  fillQueue(bench.home, count, { domains: 5, due: 86_400_000 })
  mkdirSync(join(bench.home, 'relay'), { recursive: true })
  // So that nothing moves but what the test moves.
  writeFileSync(join(bench.home, 'relay', 'suspended.json'), JSON.stringify({ queues: Array.from({ length: 5 }, (_, at) => `d${at}.test`), messages: [] }))
  await bench.edgewise('service', 'start')
  await expect.poll(async () => (await bench.edgewise('messages', '--filter', 'nextHop is d0.test', '--limit', '1').catch(() => 'not yet')).includes('d0.test'), { timeout: 90_000 }).toBe(true)
  const { page, complaints } = await bench.open()
  await localServerRuns(page)
  await tree(page).getByRole('row', { name: 'Queue Viewer' }).click()
  await page.getByRole('tab', { name: 'Messages' }).click()
  await page.getByRole('textbox', { name: 'Filter:' }).fill('nextHop is d0.test')
  await page.keyboard.press('Enter')
  const list = page.getByRole('grid', { name: /^Messages/ })
  const status = page.getByRole('tabpanel').getByRole('status')
  await expect(status).toHaveText('20,000 messages found')
  const box = (await list.boundingBox())!
  await page.mouse.move(box.x + 200, box.y + 100)
  for (let turn = 0; turn < 60; turn++) await page.mouse.wheel(0, 600)
  const missing = () =>
    list.evaluate((grid) => {
      const there = new Set([...grid.querySelectorAll('.lines-body [role=row]:not([aria-busy])')].map((row) => Number(row.getAttribute('aria-rowindex')) - 2))
      const seen = Array.from({ length: Math.floor((grid.clientHeight - 25) / 24) }, (_, at) => Math.ceil(grid.scrollTop / 24) + at)
      return seen.filter((place) => !there.has(place)).length
    })
  await expect.poll(() => list.evaluate((grid) => grid.scrollTop)).toBe(36_000)
  await expect.poll(missing).toBe(0)

  const rowAt = (place: number) => list.locator(`.lines-body [aria-rowindex="${place + 2}"]`)
  await rowAt(1_502).click()
  await rowAt(1_504).click({ modifiers: ['Control'] })
  await expect(status).toHaveText('20,000 messages found, 2 selected')
  const id = (await rowAt(1_504).getByRole('gridcell').first().textContent())!
  const kept = list.locator('.lines-body').getByRole('row').filter({ hasText: id })
  const top = () => kept.evaluate((row) => Math.round(row.getBoundingClientRect().top))
  const before = await top()
  const [first] = await list.locator('.lines-body').getByRole('row').first().getByRole('gridcell').allTextContents()
  await bench.edgewise('message', 'remove', first!, '--yes')
  await expect(status).toHaveText('19,999 messages found, 2 selected')
  await expect.poll(top).toBe(before)
  await expect(kept).toHaveAttribute('aria-selected', 'true')
  await expect(kept).toHaveAttribute('data-active', 'true')
  await expect(list).toBeFocused()
  await expect.poll(missing).toBe(0)
  expect(complaints).toEqual([])
})
