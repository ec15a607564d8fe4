// The native menu: the usual roles and nothing of ours, so that copy, zoom and quit work everywhere.
import { Menu, type MenuItemConstructorOptions } from 'electron'

export function setMenu(isPackaged: boolean): void {
  const view: MenuItemConstructorOptions[] = [
    { role: 'zoomIn' },
    { role: 'zoomOut' },
    { role: 'resetZoom' },
    { type: 'separator' },
    { role: 'togglefullscreen' },
  ]
  if (!isPackaged) view.push({ type: 'separator' }, { role: 'reload' }, { role: 'toggleDevTools' })
  Menu.setApplicationMenu(
    Menu.buildFromTemplate([
      { label: '&Console', submenu: [{ role: 'close' }] },
      { role: 'editMenu' },
      { label: '&View', submenu: view },
    ]),
  )
}
