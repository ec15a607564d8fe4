// `npm test`: types, lint with the layer rules, unit and integration tests, window tests; stops at the first that fails.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from './child.mjs'
import { withDisplay } from './display.mjs'
import { runAsProgram, say } from './fault.mjs'
import { endLeftProcesses, markName } from './left-processes.mjs'
import { checkout } from './places.mjs'
import { setup } from './setup.mjs'

const minutes = 60_000
const inCi = Boolean(process.env.CI) && process.env.CI !== 'false'
const mark = `${process.pid}-${Date.now()}`
const bin = (/** @type {string[]} */ ...path) => join(checkout, 'node_modules', ...path)

/** @param {string} reports the folder of the runners' results */
const stages = (reports) => [
  { name: 'types', limit: 5 * minutes, args: [bin('typescript', 'bin', 'tsc'), '--noEmit'] },
  { name: 'lint', limit: 5 * minutes, args: [bin('oxlint', 'bin', 'oxlint')] },
  {
    name: 'unit and integration tests',
    limit: 30 * minutes,
    args: [bin('vitest', 'vitest.mjs'), 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${join(reports, 'vitest.json')}`],
  },
  {
    name: 'window tests',
    limit: 30 * minutes,
    args: [bin('@playwright', 'test', 'cli.js'), 'test', '--reporter=list,json'],
    env: { PLAYWRIGHT_JSON_OUTPUT_FILE: join(reports, 'playwright.json') },
  },
]

/** @param {string} path */
function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return {}
  }
}

/** @param {string} reports */
function count(reports) {
  const unit = readReport(join(reports, 'vitest.json'))
  const window = readReport(join(reports, 'playwright.json')).stats ?? {}
  return {
    passed: (unit.numPassedTests ?? 0) + (window.expected ?? 0) + (window.flaky ?? 0),
    failed: (unit.numFailedTests ?? 0) + (window.unexpected ?? 0),
    skipped: (unit.numPendingTests ?? 0) + (unit.numTodoTests ?? 0) + (window.skipped ?? 0),
  }
}

/**
 * @param {string} reports
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<string | undefined>} the stage that failed
 */
async function firstFailure(reports, env) {
  for (const { name, limit, args, env: more } of stages(reports)) {
    say(`\n— ${name}`)
    const { code, timedOut } = await run(process.execPath, args, { cwd: checkout, env: { ...env, ...more }, limit, ownGroup: true })
    const left = await endLeftProcesses(mark)
    if (left.length > 0) say(`Ended what the ${name} left running:\n${left.join('\n')}`)
    if (timedOut) say(`The ${name} took more than ${limit / minutes} minutes and were ended.`)
    if (code !== 0) return name
  }
  return undefined
}

async function test() {
  await setup('test')
  const reports = mkdtempSync(join(tmpdir(), 'edgewise-test-'))
  process.on('exit', () => rmSync(reports, { recursive: true, force: true }))
  const marked = { ...process.env, [markName]: mark, ...(inCi ? { EDGEWISE_NO_SKIP: '1' } : {}) }
  const failure = await withDisplay(process.env, ({ DISPLAY }) => firstFailure(reports, { ...marked, ...(DISPLAY ? { DISPLAY } : {}) }))
  const { passed, failed, skipped } = count(reports)
  const skippedInCi = inCi && skipped > 0
  if (failure !== undefined) say(`\nFailed: ${failure}.`)
  else if (skippedInCi) say('\nFailed: tests were skipped, which CI does not allow.')
  // A stage can fail without a failed test of its own; the closing line must not look like success then.
  const failures = failure !== undefined && failed === 0 ? 1 : failed
  console.log(`\n${passed} passed, ${failures} failed, ${skipped} skipped`)
  return failure !== undefined || skippedInCi ? 1 : 0
}

await runAsProgram(test)
