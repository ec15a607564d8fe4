// What the fallback runtime starts: the app folder of its command line, as electron's own default app does.
import { app } from 'electron'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const rest = process.argv.slice(1)
const preloads = []
while (rest[0]?.startsWith('-')) {
  const flag = rest.shift()
  if (flag === '-r' || flag === '--require') preloads.push(rest.shift())
}

const folder = resolve(rest[0] ?? '.')
const { main = 'index.js', name, productName, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
Object.defineProperty(process, 'defaultApp', { configurable: false, enumerable: true, value: true })
app.setName(productName ?? name)
app.setVersion(version)
app.setAppPath(folder)
process.argv.splice(1, process.argv.length, folder, ...rest.slice(1))

const require = createRequire(join(folder, 'package.json'))
for (const path of preloads) require(resolve(path))
// Awaited, so that "ready" waits for the app's code.
await import(pathToFileURL(join(folder, main)).href)
