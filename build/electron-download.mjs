// The electron package's own download, as a child of setup: says its progress, and gives up when there is none.
// Usage: node build/electron-download.mjs FOLDER_OF_THE_ELECTRON_PACKAGE MILLISECONDS_OF_SILENCE
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const [, , folder = '', silence = '10000'] = process.argv
const require = createRequire(join(folder, 'install.js'))
const { version } = require(join(folder, 'package.json'))
const { downloadArtifact } = await import(pathToFileURL(require.resolve('@electron/get')).href)

const giveUp = () => process.exit(2)
let patience = setTimeout(giveUp, Number(silence))
let told = 0

/** @param {{percent: number}} progress */
async function getProgressCallback({ percent }) {
  clearTimeout(patience)
  patience = setTimeout(giveUp, Number(silence))
  const tens = Math.floor(percent * 10)
  if (tens > told) console.log(`… ${tens * 10} %`)
  told = Math.max(told, tens)
}

// Into the download cache, where the package's own script finds it, checks it and unpacks it.
await downloadArtifact({
  version,
  artifactName: 'electron',
  cacheRoot: process.env.electron_config_cache,
  checksums: require(join(folder, 'checksums.json')),
  downloadOptions: { quiet: true, getProgressCallback },
})
clearTimeout(patience)
require(join(folder, 'install.js'))
