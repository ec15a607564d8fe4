// What is built from what: the window's process, its preload and view, and the command line with the same core.
import { builtinModules } from 'node:module'
import { join } from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'electron-vite'

const checkout = import.meta.dirname
// Setup builds beside out/ and moves the whole into place, so that an interrupted build leaves the last one usable.
const out = process.env['EDGEWISE_OUT'] ?? join(checkout, 'out')
const outside = ['electron', /^electron\//, /^node:/, ...builtinModules, 'koffi', '@vscode/sudo-prompt', /^Haraka/]

export default defineConfig({
  main: {
    build: {
      // The oldest Node that runs this: that of the fallback runtime.
      target: 'node20.18',
      // Bundled, these load as one file instead of some hundred (zod has one for each language): half of a command's time.
      externalizeDeps: { exclude: ['zod', 'commander', 'dns-packet', '@leichtgewicht/ip-codec', 'write-file-atomic', 'signal-exit'] },
      outDir: join(out, 'main'),
      emptyOutDir: true,
      rolldownOptions: {
        input: {
          app: join(checkout, 'main/app/main.ts'),
          cli: join(checkout, 'main/cli/main.ts'),
          relay: join(checkout, 'main/transport/embedded/relay.ts'),
          'adapter-detail': join(checkout, 'main/adapters/detail.ts'),
        },
        external: outside,
        output: {
          format: 'es',
          entryFileNames: '[name].js',
          chunkFileNames: 'parts/[name]-[hash].js',
          // What lists adapters, with all that it needs: one file instead of a dozen, a fifth of that command's time.
          codeSplitting: { groups: [{ name: 'list', test: /main\/(cli\/(perform|adapters)|adapters\/linux)\.ts$/ }] },
        },
      },
    },
  },
  preload: {
    build: {
      target: 'node20.18',
      // A sandboxed preload can require nothing but electron: all else is bundled, as CommonJS.
      externalizeDeps: false,
      minify: true,
      outDir: join(out, 'preload'),
      emptyOutDir: true,
      rolldownOptions: {
        input: join(checkout, 'preload/index.ts'),
        external: ['electron'],
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: join(checkout, 'renderer'),
    plugins: [react()],
    build: {
      target: 'chrome130',
      minify: true,
      outDir: join(out, 'renderer'),
      emptyOutDir: true,
      rolldownOptions: { input: join(checkout, 'renderer/index.html') },
    },
  },
})
