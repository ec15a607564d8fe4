// The window's process: the window first, the core beside it, and the border between them.
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { app, ipcMain, type BrowserWindow } from 'electron'
import type { Answers } from '../../preload/contract/index.ts'
import type { Elevated, Whereabouts } from '../edgewise.ts'
import { Closing } from './closing.ts'
import { coalesce } from './coalesce.ts'
import { holdCore, type Core } from './core.ts'
import { readFlags } from './flags.ts'
import { openBorder, type Ask } from './ipc.ts'
import { setMenu } from './menu.ts'
import { Notices } from './notices.ts'
import { createWindow, forbidLeaving, pageUrl } from './window.ts'

const longestGoodbye = 5000

// As root Chromium runs only with --no-sandbox, which asking for the sandbox would undo: no process would start.
if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox()
const { start, problems } = readFlags(process.argv)
// What Chromium keeps goes with the home folder: two home folders, two consoles, nothing left behind elsewhere.
if (start.home !== undefined) app.setPath('userData', resolve(start.home, 'window'))
app.on('web-contents-created', (_event, contents) => forbidLeaving(contents))
app.on('window-all-closed', () => app.quit())

// A top-level await here would hang for ever: Electron is ready only once this module has been read.
void app.whenReady().then(() => {
  setMenu(app.isPackaged)
  open(createWindow())
})

function open(window: BrowserWindow): void {
  let isOpen = true

  const core = holdCore(
    async () => (await import('../edgewise.ts')).openEdgewise({ ...start, keepAlive: true, elevate }),
    (edgewise) => {
      edgewise.onChange(changed)
      edgewise.onAdapters((change) => border.send('adapters', 'changed', change))
      edgewise.onHosts((change) => border.send('hosts', 'changed', change))
      edgewise.onNotice(({ level, text }) => notices.add(level, text))
      if (edgewise.interrupted) notices.add('warning', edgewise.interrupted.text)
    },
  )
  const closing: Closing = new Closing({
    local: async () => (await core.answers.servers.properties({ server: 'local' }, neverCancelled)).server,
    tell: () => border.send('app', 'closing', { revision: 1 }),
    closeWindow: () => window.destroy(),
  })
  const notices: Notices = new Notices((revision) => border.send('app', 'noticed', { revision }))
  const answers: Answers = { ...core.answers, app: appAnswers(core, notices, closing) }
  const ask: Ask = async (...call) => (await import('../answer.ts')).answer(answers, ...call)
  const border = openBorder(ipcMain, () => (isOpen ? window : null), pageUrl, ask)
  const changed = coalesce((change: { server: string; revision: number }) => border.send('servers', 'changed', change), (change) => change.server)

  for (const problem of problems) notices.add('warning', problem)
  window.webContents.on('did-start-navigation', ({ isMainFrame, isSameDocument }) => {
    if (isMainFrame && !isSameDocument) border.cancelAll()
  })
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    border.cancelAll()
    if (reason !== 'clean-exit' && isOpen) window.reload()
  })
  window.on('close', (event) => {
    if (!closing.mayClose()) event.preventDefault()
  })
  window.on('closed', () => {
    isOpen = false
    border.cancelAll()
  })
  sayGoodbye(core, closing)
}

/** Loaded when it is needed: hardly ever. */
async function elevate(order: Elevated, where: Whereabouts): Promise<void> {
  const [{ elevator }, sudo] = await Promise.all([import('./elevate.ts'), import('@vscode/sudo-prompt')])
  const script = fileURLToPath(new URL('./cli.js', import.meta.url))
  await elevator({ program: process.execPath, script, where, prompt: sudo.exec })(order)
}

const neverCancelled = { signal: new AbortController().signal, progress: () => undefined }

function appAnswers(core: Core, notices: Notices, closing: Closing): Answers['app'] {
  return {
    notices: async () => ({ notices: notices.list }),
    dismiss: async ({ id }) => {
      notices.dismiss(id)
      return {}
    },
    closingShown: async () => {
      closing.shown()
      return {}
    },
    close: async ({ stopService }, asked) => {
      if (stopService) await core.answers.servers.stop({ server: 'local' }, asked)
      // After the answer has left: the window that asked is the one that goes.
      setImmediate(() => closing.closeNow())
      return {}
    },
  }
}

/** Lets the core go before the process ends, and does not wait for ever. */
function sayGoodbye(core: Core, closing: Closing): void {
  let done = false
  app.on('will-quit', (event) => {
    if (done) return
    event.preventDefault()
    done = true
    const limit = setTimeout(() => app.exit(0), longestGoodbye)
    void Promise.resolve(core.close())
      .catch((error: unknown) => console.error('The core did not close:', error))
      .finally(() => {
        clearTimeout(limit)
        app.exit(0)
      })
  })
  // Whoever ends the process from outside is not asked about the window.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => closing.closeNow())
}
