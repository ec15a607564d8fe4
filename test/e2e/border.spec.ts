// The border in the real window: what the page can reach, who is answered, and where it cannot go.
import type { ElectronApplication } from '@playwright/test'
import { kinds } from '../../preload/contract/kinds.ts'
import { localServerRuns } from './console.ts'
import { expect, test } from './window.ts'

test('the page has the contract and nothing else of the machine', async ({ bench }) => {
  const { page, app } = await bench.open()
  await localServerRuns(page)
  expect(await page.evaluate(() => Object.keys(window.edgewise))).toEqual(Object.keys(kinds))
  expect(await page.evaluate(() => ['require', 'process', 'module', 'Buffer', 'ipcRenderer', 'electron'].filter((name) => name in window))).toEqual([])
  const preferences = await app.evaluate(({ BrowserWindow }) => {
    const { sandbox, contextIsolation, nodeIntegration, webviewTag, webSecurity } = (
      BrowserWindow.getAllWindows()[0]!.webContents as unknown as { getLastWebPreferences(): Record<string, unknown> }
    ).getLastWebPreferences()
    return { sandbox, contextIsolation, nodeIntegration, webviewTag, webSecurity }
  })
  expect(preferences).toEqual({ sandbox: true, contextIsolation: true, nodeIntegration: false, webviewTag: false, webSecurity: true })
})

test('a bad input is refused with a sentence that names the field', async ({ bench }) => {
  const { page } = await bench.open()
  const asked = await page.evaluate(() => Promise.all([window.edgewise.servers.start({ server: 'elsewhere' as 'local' }), window.edgewise.servers.stop(undefined as never)]))
  expect(asked).toEqual([
    { ok: false, error: { code: 'bad-input', message: expect.stringMatching(/^server: /) } },
    { ok: false, error: { code: 'bad-input', message: expect.any(String) } },
  ])
})

/** Asks as the border's own handler is asked, past the preload: by our window's own frame, or as one of another window. */
function ask(app: ElectronApplication, topic: string, name: string, from: 'own' | 'foreign frame' | 'closed' = 'own') {
  return app.evaluate(
    async ({ BrowserWindow, ipcMain }, { topic, name, from }) => {
      type Handler = (event: unknown, ...args: unknown[]) => Promise<unknown>
      const handler = (ipcMain as unknown as { _invokeHandlers: Map<string, Handler> })._invokeHandlers.get('edgewise:call')!
      const { webContents } = BrowserWindow.getAllWindows()[0]!
      const event = { sender: webContents, senderFrame: webContents.mainFrame }
      if (from === 'foreign frame') return handler({ ...event, senderFrame: { url: webContents.mainFrame.url } }, topic, name, {})
      if (from === 'own') return handler(event, topic, name, {})
      // The core and this process stay for a moment after the window is gone.
      return new Promise<unknown>((resolve) => {
        BrowserWindow.getAllWindows()[0]!.once('closed', () => resolve(handler(event, topic, name, {})))
        BrowserWindow.getAllWindows()[0]!.destroy()
      })
    },
    { topic, name, from },
  )
}

test('unknown calls are refused', async ({ bench }) => {
  const { page, app } = await bench.open()
  await localServerRuns(page)
  for (const [topic, name] of [['servers', 'destroy'], ['servers', '__proto__'], ['constructor', 'name'], ['servers', 'changed']] as const)
    expect(await ask(app, topic, name)).toMatchObject({ ok: false, error: { code: 'unknown-call' } })
  expect(await ask(app, 'servers', 'list')).toMatchObject({ ok: true })
})

test('a foreign frame and a closed window are refused', async ({ bench }) => {
  const { page, app } = await bench.open()
  await localServerRuns(page)
  expect(await ask(app, 'servers', 'list', 'foreign frame')).toMatchObject({ ok: false, error: { code: 'foreign-sender' } })
  expect(await ask(app, 'servers', 'list', 'closed')).toMatchObject({ ok: false, error: { code: 'foreign-sender' } })
})

test('another window with the same preload is refused, on our page and on any other', async ({ bench }) => {
  const { page, app } = await bench.open()
  await localServerRuns(page)
  for (const url of [page.url(), 'data:text/html,foreign']) {
    const answer = await app.evaluate(
      async ({ BrowserWindow }, { url, preload }) => {
        const other = new BrowserWindow({ show: false, webPreferences: { preload, sandbox: true, contextIsolation: true } })
        await other.loadURL(url)
        const answer: unknown = await other.webContents.executeJavaScript('window.edgewise.servers.list({})')
        other.destroy()
        return answer
      },
      { url, preload: new URL('../preload/index.cjs', page.url()).pathname },
    )
    expect(answer).toMatchObject({ ok: false, error: { code: 'foreign-sender' } })
  }
})

test('the window goes nowhere, opens nothing and is granted nothing', async ({ bench }) => {
  const { page, app } = await bench.open()
  await localServerRuns(page)
  const url = page.url()
  expect(await page.evaluate(() => window.open('https://example.com'))).toBeNull()
  await page.evaluate(() => {
    location.href = 'https://example.com'
  })
  await page.evaluate(() => {
    const link = Object.assign(document.createElement('a'), { href: 'file:///etc/hostname', target: '_blank' })
    document.body.append(link)
    link.click()
    link.remove()
  })
  await page.waitForTimeout(300)
  expect(page.url()).toBe(url)
  expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1)
  expect(await page.evaluate(() => Notification.requestPermission())).toBe('denied')
  const refused = await page.evaluate(() => navigator.mediaDevices.getUserMedia({ audio: true }).then(() => 'granted', (error: Error) => error.name))
  expect(refused).not.toBe('granted')
})

test('the policy of the page lets no foreign script, style, frame or address in', async ({ bench }) => {
  const { page } = await bench.open()
  await localServerRuns(page)
  const violations = await page.evaluate(async () => {
    const seen: string[] = []
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => seen.push(effectiveDirective))
    const add = (tag: string, attributes: object) => document.body.append(Object.assign(document.createElement(tag), attributes))
    add('script', { textContent: 'window.broken = true' })
    add('script', { src: 'https://example.com/x.js' })
    add('style', { textContent: 'body { display: none }' })
    add('iframe', { src: 'https://example.com' })
    add('img', { src: 'https://example.com/x.png' })
    await fetch('https://example.com').catch(() => undefined)
    // Not through the test driver, which may evaluate what the page may not.
    add('button', { onclick: null })
    document.body.lastElementChild!.setAttribute('onclick', 'window.broken = true')
    ;(document.body.lastElementChild as HTMLElement).click()
    await new Promise((resolve) => setTimeout(resolve, 300))
    return [...new Set(seen), String('broken' in window)]
  })
  expect(violations.sort()).toEqual(['connect-src', 'false', 'frame-src', 'img-src', 'script-src-attr', 'script-src-elem', 'style-src-elem'])
})
