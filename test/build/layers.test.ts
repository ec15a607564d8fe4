// That the lint rules bite which say which folder may import which, for every arrow of the house.
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const checkout = join(import.meta.dirname, '../..')
const oxlint = join(checkout, 'node_modules/oxlint/bin/oxlint')
let tree: string

beforeEach(() => {
  tree = mkdtempSync(join(tmpdir(), 'edgewise-layers-'))
  copyFileSync(join(checkout, '.oxlintrc.json'), join(tree, '.oxlintrc.json'))
})
afterEach(() => rmSync(tree, { recursive: true, force: true }))

type Finding = { file: string; line: number; code: string }

/** What the project's own rules find in files of these texts. */
function lint(files: Record<string, string>): Finding[] {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(tree, path)), { recursive: true })
    writeFileSync(join(tree, path), text)
  }
  const { stdout } = spawnSync(process.execPath, [oxlint, '--format=json'], { cwd: tree, encoding: 'utf8' })
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { filename: string; code: string; labels: { span: { line: number } }[] }[] }
  return diagnostics.map(({ filename, code, labels }) => ({ file: filename.replaceAll('\\', '/'), line: labels[0]?.span.line ?? 0, code }))
}

/** Files with an import a line, and which of these imports the layer rules stop. */
function stopped(imports: Record<string, string[]>, text: (from: string, name: string) => string): string[] {
  const files = Object.fromEntries(Object.entries(imports).map(([file, targets]) => [file, targets.map((target, index) => text(target, `x${index}`)).join('\n')]))
  return lint(files)
    .filter(({ code }) => code === 'eslint(no-restricted-imports)')
    .map(({ file, line }) => `${file} → ${imports[file]?.[line - 1]}`)
    .sort()
}

const arrows = (imports: Record<string, string[]>) => Object.entries(imports).flatMap(([file, targets]) => targets.map((target) => `${file} → ${target}`)).sort()

/** Importing file → what it may not import. */
const forbidden: Record<string, string[]> = {
  'main/app/window.ts': ['../cli/main.ts', '../change/run.ts', '../diagnosis/diagnose.ts', '../transport/transport.ts', '../hosts/lines.ts', '../dns/ask.ts', '../smtp/reply.ts', '../world/world.ts', '../adapters/adapters.ts', '../lab/lab.ts', '../../renderer/api.ts', '../../preload/index.ts'],
  'main/cli/queues.ts': ['electron', '../app/ipc.ts', '../change/run.ts', '../diagnosis/diagnose.ts', '../transport/transport.ts', '../hosts/lines.ts', '../dns/ask.ts', '../smtp/reply.ts', '../world/world.ts', '../adapters/adapters.ts', '../lab/lab.ts'],
  'main/edgewise.ts': ['electron', './app/main.ts', './cli/main.ts', '../renderer/api.ts'],
  'main/change/run.ts': ['electron', '../app/ipc.ts', '../cli/main.ts', '../edgewise.ts', '../diagnosis/diagnose.ts', '../lab/lab.ts', '../adapters/adapters.ts'],
  'main/diagnosis/checks/mx.ts': ['electron', '../../app/ipc.ts', '../../cli/main.ts', '../../edgewise.ts', '../../change/run.ts', '../../lab/lab.ts', '../../adapters/adapters.ts'],
  'main/transport/embedded/relay.ts': ['electron', '../../app/ipc.ts', '../../cli/main.ts', '../../edgewise.ts', '../../change/run.ts', '../../diagnosis/diagnose.ts', '../../lab/lab.ts', '../../adapters/adapters.ts'],
  'main/hosts/lines.ts': ['electron', '../edgewise.ts', '../change/run.ts', '../transport/transport.ts', '../dns/ask.ts', '../smtp/reply.ts', '../adapters/adapters.ts', '../lab/lab.ts'],
  'main/dns/ask.ts': ['electron', '../edgewise.ts', '../change/run.ts', '../transport/transport.ts', '../hosts/lines.ts', '../smtp/reply.ts', '../adapters/adapters.ts', '../lab/lab.ts'],
  'main/smtp/dialogue.ts': ['electron', '../edgewise.ts', '../change/run.ts', '../transport/transport.ts', '../hosts/lines.ts', '../dns/ask.ts', '../adapters/adapters.ts', '../lab/lab.ts'],
  'main/lab/lab.ts': ['electron', '../app/ipc.ts', '../cli/main.ts', '../edgewise.ts', '../change/run.ts', '../diagnosis/diagnose.ts', '../transport/transport.ts', '../hosts/lines.ts', '../adapters/adapters.ts'],
  'main/world/world.ts': ['electron', '../edgewise.ts', '../adapters/adapters.ts', '../dns/ask.ts', '../hosts/lines.ts', '../transport/transport.ts', '../lab/lab.ts'],
  'main/world/machine.ts': ['electron', '../edgewise.ts', '../dns/ask.ts', '../transport/transport.ts', '../lab/lab.ts'],
  'main/adapters/linux.ts': ['electron', '../edgewise.ts', '../world/world.ts', '../dns/ask.ts', '../lab/lab.ts'],
  'preload/contract/dns.ts': ['electron', 'node:fs', 'react', 'zod-other', '../index.ts', '../../main/edgewise.ts', '../../renderer/api.ts'],
  'preload/index.ts': ['../main/edgewise.ts', '../renderer/api.ts'],
  'renderer/console/Console.tsx': ['electron', 'node:fs', 'fs', 'path/posix', '../../main/edgewise.ts', '../../main/dns/ask.ts', '../../preload/index.ts'],
}

/** Importing file → what it may import. */
const allowed: Record<string, string[]> = {
  'main/app/main.ts': ['electron', 'node:path', '../edgewise.ts', './window.ts', '../../preload/contract/index.ts'],
  'main/cli/main.ts': ['commander', '../edgewise.ts', './queues.ts', './hosts.ts', '../../preload/contract/index.ts'],
  'main/edgewise.ts': ['./change/run.ts', './diagnosis/diagnose.ts', './transport/transport.ts', './hosts/lines.ts', './dns/ask.ts', './smtp/reply.ts', './world/machine.ts', './adapters/adapters.ts', './lab/lab.ts', '../preload/contract/index.ts'],
  'main/change/run.ts': ['./journal.ts', '../transport/transport.ts', '../hosts/lines.ts', '../dns/ask.ts', '../smtp/reply.ts', '../world/world.ts', '../../preload/contract/change.ts'],
  'main/diagnosis/checks/mx.ts': ['../causes.ts', '../../transport/transport.ts', '../../dns/ask.ts', '../../smtp/reply.ts', '../../hosts/lines.ts', '../../world/world.ts', '../../../preload/contract/diagnosis.ts'],
  'main/transport/embedded/queue.ts': ['../transport.ts', '../../dns/ask.ts', '../../hosts/lines.ts', '../../smtp/reply.ts', '../../world/world.ts', '../../../preload/contract/queues.ts'],
  'main/hosts/save.ts': ['node:fs', './lines.ts', '../world/world.ts', '../../preload/contract/hosts.ts'],
  'main/lab/dns.ts': ['dns-packet', './destination.ts', '../dns/ask.ts', '../smtp/reply.ts', '../world/world.ts', '../../preload/contract/lab.ts'],
  'main/world/machine.ts': ['./world.ts', '../adapters/adapters.ts', '../../preload/contract/adapters.ts'],
  'main/adapters/linux.ts': ['node:os', './addresses.ts', '../../preload/contract/adapters.ts'],
  'preload/contract/dns.ts': ['zod', './call.ts'],
  'preload/index.ts': ['electron', './contract/index.ts'],
  'renderer/hosts/HostsFile.tsx': ['react', 'zustand', '../parts/Dialog.tsx', '../../preload/contract/hosts.ts'],
}

const forms: Record<string, (from: string, name: string) => string> = {
  'a static import': (from, name) => `import { ${name} } from '${from}'; ${name}()`,
  'a type import': (from, name) => `import type { ${name} } from '${from}'; export type Y${name} = ${name}`,
  'a re-export': (from, name) => `export { ${name} } from '${from}'`,
  'a re-export of all': (from) => `export * from '${from}'`,
  'a dynamic import': (from, name) => `export const ${name} = await import('${from}')`,
}

describe('the layer rules', () => {
  it.each(Object.entries(forms))('stop %s against the arrows', (_form, text) => {
    expect(stopped(forbidden, text)).toEqual(arrows(forbidden))
  })

  it.each(Object.entries(forms))('let %s along the arrows pass', (_form, text) => {
    expect(stopped(allowed, text)).toEqual([])
  })
})

describe('the other rules', () => {
  it('stop a question for the system outside its two places', () => {
    const asks = 'export const system = process.platform\n'
    const found = lint({ 'main/hosts/save.ts': asks, 'renderer/api.ts': 'const { platform } = process\nexport { platform }\n', 'main/world/machine.ts': asks, 'main/adapters/adapters.ts': asks })
    expect(found.filter(({ code }) => code === 'eslint(no-restricted-properties)').map(({ file }) => file).sort()).toEqual(['main/hosts/save.ts', 'renderer/api.ts'])
  })

  it('stop any, require and circles', () => {
    const found = lint({
      'main/dns/any.ts': 'export const x: any = 1\n',
      'main/dns/require.ts': "import fs = require('node:fs')\nexport { fs }\n",
      'main/dns/a.ts': "import { b } from './b.ts'\nexport const a = () => b\n",
      'main/dns/b.ts': "import { a } from './a.ts'\nexport const b = () => a\n",
    })
    const codes = found.map(({ code }) => code)
    expect(codes).toContain('typescript(no-explicit-any)')
    expect(codes).toContain('typescript(no-require-imports)')
    expect(codes).toContain('import(no-cycle)')
  })

  it('stop a type taken by import(), which the layer rules do not see', () => {
    const found = lint({ 'main/dns/ask.ts': "export type X = import('../change/run.ts').Y\n" })
    expect(found.map(({ code }) => code)).toContain('typescript(consistent-type-imports)')
  })

  it('find nothing in the project itself', () => {
    const { status, stdout } = spawnSync(process.execPath, [oxlint], { cwd: checkout, encoding: 'utf8' })
    expect(status, stdout).toBe(0)
  })
})
