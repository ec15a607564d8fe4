// The Queue Viewer in the real window while a hundred thousand messages wait: from the click to rows that are painted,
// the frames and the gaps while a wheel turns fast, the view's memory after ten thousand rows. The queues are suspended,
// so that nothing else is at work.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { _electron } from '@playwright/test'
import { electronPath } from '../../build/electron-runtime.mjs'
import { fillQueue } from './fill-queue.mjs'
import { checkout, median, scratch } from './measure.mjs'

/** @typedef {import('@playwright/test').Page} Page */

const count = 100_000
const domains = 5
const openings = 7
/** Of a free-running wheel: pixels of each turn, turns, milliseconds between two. */
const wheel = { turn: 360, turns: 700, pause: 16 }

export async function rows() {
  const { home, flags, edgewise, end } = await scratch()
  try {
    fillQueue(home, count, { domains, due: 86_400_000 })
    writeFileSync(join(home, 'relay', 'suspended.json'), JSON.stringify({ queues: Array.from({ length: domains }, (_, at) => `d${at}.test`), messages: [] }))
    writeFileSync(join(home, 'window.json'), '{}')
    await edgewise('service', 'start')
    while (JSON.parse(await edgewise('service', 'status', '--json')).service.note !== null) await new Promise((resolve) => setTimeout(resolve, 200))
    const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : []
    const app = await _electron.launch({ executablePath: electronPath(), args: [...sandbox, checkout, ...flags], timeout: 30_000 })
    try {
      return await measured(await app.firstWindow())
    } finally {
      await app.close()
    }
  } finally {
    await end()
  }
}

/** @param {Page} page */
async function measured(page) {
  const tree = page.getByRole('treegrid', { name: 'Console tree' })
  await page.getByRole('grid', { name: 'Edge servers' }).waitFor()
  // The view reads its other parts once it is at rest.
  await page.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve)))
  await page.waitForTimeout(500)
  const [viewer, messages] = [[], []].map(() => /** @type {number[]} */ ([]))
  for (let at = 0; at < openings; at++) {
    viewer?.push(await opened(page, 'Queues', () => tree.getByRole('row', { name: 'Queue Viewer' }).click()))
    await page.waitForTimeout(300)
    messages?.push(await opened(page, 'Messages', () => page.getByRole('tab', { name: 'Messages' }).click()))
    if (at === openings - 1) break
    await page.getByRole('tab', { name: 'Queues' }).click()
    await tree.getByRole('row', { name: 'Edge Transport' }).click()
  }
  await page.waitForTimeout(500)
  const atRest = await framesDuring(page, () => page.waitForTimeout(2_000))
  const before = await heap(page)
  const scrolled = await framesDuring(page, () => turnWheel(page))
  const grown = (await heap(page)) - before
  const opening = (/** @type {string} */ name, /** @type {number} */ ours) => ({ name, ours, unit: 'ms', goal: '≤ 100 ms', met: ours <= 100 })
  const frames = (/** @type {string} */ name, /** @type {number} */ ours, /** @type {number} */ peer) => ({ name, ours, peer, peerName: 'at rest', unit: 'ms', ratio: ours / peer, goal: '≤ 17 ms', met: Math.round(ours) <= 17 })
  return [
    opening(`Queue Viewer to rows, ${count} waiting, first`, viewer?.[0] ?? NaN),
    opening('Queue Viewer to rows, later', median(viewer?.slice(1) ?? [])),
    opening('Messages tab to rows, first', messages?.[0] ?? NaN),
    opening('Messages tab to rows, later', median(messages?.slice(1) ?? [])),
    frames('frame while the wheel turns, median', median(scrolled.frames), median(atRest.frames)),
    frames('frame while the wheel turns, 95 of 100', most(scrolled.frames), most(atRest.frames)),
    { name: `rows missing in ${scrolled.frames.length} frames of ${scrolled.passed} rows`, ours: scrolled.missing, unit: 'rows', goal: '0', met: scrolled.missing === 0 },
    { name: `view’s memory, more after ${scrolled.passed} rows`, ours: grown, unit: 'MB', goal: '≤ 6 MB', met: grown <= 6 },
  ]
}

/** @param {number[]} list */
const most = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length * 0.95)] ?? NaN

/**
 * Milliseconds from the press of the mouse to the frame in which all rows that are seen have been painted.
 * @param {Page} page
 * @param {string} label of the table
 * @param {() => Promise<void>} click
 */
async function opened(page, label, click) {
  await page.evaluate((label) => {
    let begun = 0
    addEventListener('pointerdown', ({ timeStamp }) => (begun = timeStamp), { capture: true, once: true })
    const painted = new Promise((resolve) => {
      const look = () => {
        const lines = [...document.querySelectorAll(`[role=grid][aria-label^="${label}"] .lines-body .line`)]
        if (begun === 0 || lines.length === 0 || lines.some((line) => line.hasAttribute('aria-busy'))) return requestAnimationFrame(look)
        // Behind the frame that this one is drawn in.
        const { port1, port2 } = new MessageChannel()
        port1.onmessage = () => resolve(performance.now() - begun)
        return port2.postMessage(null)
      }
      look()
    })
    Object.assign(window, { painted })
  }, label)
  await click()
  return page.evaluate(() => /** @type {Promise<number>} */ (Reflect.get(window, 'painted')))
}

/** @param {Page} page */
async function turnWheel(page) {
  const box = await page.getByRole('grid', { name: 'Messages' }).boundingBox()
  if (!box) throw new Error('the list of messages is not there')
  await page.mouse.move(box.x + 200, box.y + 100)
  for (let at = 0; at < wheel.turns; at++) {
    await page.mouse.wheel(0, wheel.turn)
    await page.waitForTimeout(wheel.pause)
  }
}

/**
 * Each frame’s milliseconds, and how many rows were not there that it ought to have shown.
 * @param {Page} page
 * @param {() => Promise<void>} work
 */
async function framesDuring(page, work) {
  await page.evaluate(() => {
    const grid = document.querySelector('[role=grid][aria-label^="Messages"]')
    if (!grid) throw new Error('the list of messages is not there')
    const [row, head] = [24, 25]
    const seen = { isOver: false, frames: /** @type {number[]} */ ([]), missing: 0, passed: 0 }
    let last = performance.now()
    const began = grid.scrollTop
    const look = () => {
      const now = performance.now()
      seen.frames.push(now - last)
      last = now
      const there = new Set([...grid.querySelectorAll('.lines-body .line:not([aria-busy])')].map((line) => Number(line.getAttribute('aria-rowindex')) - 2))
      const first = Math.floor(grid.scrollTop / row)
      const end = Math.min(Math.floor((grid.scrollTop + grid.clientHeight - head - 1) / row), Number(grid.getAttribute('aria-rowcount')) - 2)
      for (let place = first; place <= end; place++) if (!there.has(place)) seen.missing++
      seen.passed = Math.round((grid.scrollTop - began) / row)
      if (!seen.isOver) requestAnimationFrame(look)
    }
    requestAnimationFrame(look)
    Object.assign(window, { seen })
  })
  await work()
  return page.evaluate(() => Object.assign(Reflect.get(window, 'seen'), { isOver: true }))
}

/** Megabytes that are held. @param {Page} page */
async function heap(page) {
  const client = await page.context().newCDPSession(page)
  await client.send('HeapProfiler.collectGarbage')
  const { usedSize } = await client.send('Runtime.getHeapUsage')
  await client.detach()
  return usedSize / 1e6
}
