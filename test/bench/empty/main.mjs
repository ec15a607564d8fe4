// The peer of the window bench: an empty window in the same runtime, as sandboxed as ours.
import { app, BrowserWindow } from 'electron'
import { join } from 'node:path'

// As ours: as root, asking for the sandbox would undo --no-sandbox.
if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox()
app.whenReady().then(() => {
  const window = new BrowserWindow({ show: false, width: 1180, height: 760, webPreferences: { sandbox: true, contextIsolation: true } })
  window.once('ready-to-show', () => window.show())
  window.loadFile(join(import.meta.dirname, 'empty.html'))
})
