// A window with the view before the double of the main side.
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { _electron, type ElectronApplication } from '@playwright/test'
import react from '@vitejs/plugin-react'
import { build } from 'vite'
import { electronPath } from '../../build/electron-runtime.mjs'
import type { Story } from '../renderer/story.ts'
import { checkout } from './window.ts'

declare global {
  interface Window {
    story: Story
  }
}

/** Answers with the folder, which is its caller's to remove. */
export async function buildDouble(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'edgewise-double-'))
  await build({
    configFile: false,
    logLevel: 'error',
    root: join(checkout, 'test/renderer'),
    base: './',
    plugins: [react()],
    build: { outDir: join(folder, 'view'), target: 'chrome130', modulePreload: false, rolldownOptions: { input: join(checkout, 'test/renderer/double.html') } },
  })
  writeFileSync(join(folder, 'package.json'), '{ "name": "double", "version": "0.0.0", "type": "module", "main": "main.mjs" }')
  writeFileSync(
    join(folder, 'main.mjs'),
    `import { app, BrowserWindow } from 'electron'
app.setPath('userData', ${JSON.stringify(join(folder, 'user'))})
app.whenReady().then(() => new BrowserWindow({ width: 1120, height: 740, useContentSize: true }).loadFile(${JSON.stringify(join(folder, 'view/double.html'))}))
app.on('window-all-closed', () => app.quit())`,
  )
  return folder
}

export const openDouble = (folder: string): Promise<ElectronApplication> =>
  _electron.launch({ executablePath: electronPath(), args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), folder], timeout: 30_000 })
