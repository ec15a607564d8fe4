// The console's window: sandboxed, isolated, and going nowhere.
import { BrowserWindow, type Session, type WebContents } from 'electron'
import { fileURLToPath } from 'node:url'

const page = new URL('../renderer/index.html', import.meta.url)
/** Where our own page lies; nothing else is ever shown, and no other page gets an answer. */
export const pageUrl = page.href

export function createWindow(): BrowserWindow {
  const window = new BrowserWindow({
    title: 'Edgewise',
    width: 1120,
    height: 740,
    minWidth: 800,
    minHeight: 560,
    show: false,
    backgroundColor: '#f0f0f0',
    autoHideMenuBar: true,
    webPreferences: {
      preload: fileURLToPath(new URL('../preload/index.cjs', import.meta.url)),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
      // Kept in memory: the window has nothing of its own to remember.
      partition: 'edgewise',
    },
  })
  denyPermissions(window.webContents.session)
  window.once('ready-to-show', () => window.show())
  void window.loadFile(fileURLToPath(page))
  return window
}

/** For every page that ever comes to be, should one. */
export function forbidLeaving(contents: WebContents): void {
  contents.setWindowOpenHandler(() => ({ action: 'deny' }))
  contents.on('will-navigate', (event) => event.preventDefault())
  contents.on('will-frame-navigate', (event) => event.preventDefault())
  contents.on('will-redirect', (event) => event.preventDefault())
  contents.on('will-attach-webview', (event) => event.preventDefault())
}

function denyPermissions(session: Session): void {
  session.setPermissionRequestHandler((_contents, _permission, grant) => grant(false))
  session.setPermissionCheckHandler(() => false)
  session.setDevicePermissionHandler(() => false)
  session.setDisplayMediaRequestHandler((_request, grant) => grant({}))
  session.on('will-download', (event) => event.preventDefault())
}
