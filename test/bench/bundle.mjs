// Product code for a bench that measures a function of it, not a command: bundled from its TypeScript beside the
// packages it needs.
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'vite'
import { setupFolder } from '../../build/places.mjs'
import { checkout } from './measure.mjs'

/**
 * @param {string} source path in the checkout
 * @returns {Promise<{ file: string, end: () => void }>}
 */
export async function bundled(source) {
  const folder = mkdtempSync(join(setupFolder(), 'bench-'))
  await build({
    root: checkout, configFile: false, logLevel: 'error', ssr: { noExternal: true },
    build: { ssr: join(checkout, source), outDir: folder, emptyOutDir: true, minify: false, target: 'node20', rolldownOptions: { external: ['koffi', 'write-file-atomic', /^node:/], output: { format: 'es', entryFileNames: 'entry.mjs' } } },
  })
  return { file: join(folder, 'entry.mjs'), end: () => rmSync(folder, { recursive: true, force: true }) }
}
