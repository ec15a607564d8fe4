// What is asked wrongly ends with 2 and a sentence, and what is asked for help loads nothing else.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { run, type Ended } from './edgewise-process.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'edgewise-test-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** In a home of the test's, should a wrong usage come through. */
const ask = (...args: string[]): Promise<Ended> => run([...args, '--home', join(folder, 'home')])

describe('help', () => {
  it('names every verb, the exit codes and examples', async () => {
    const { code, stdout, stderr } = await run(['--help'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    for (const word of ['adapters', 'server', 'lookups', 'limits', 'changes', 'service', 'queues', 'messages', 'queue', 'message', 'hosts', 'explain', 'smtp-test', 'rehearse', '--json', '--transport', '--home', '--world', 'Exit codes', 'Examples']) expect(stdout).toContain(word)
  })
  it.each([['adapters'], ['server'], ['lookups', 'show'], ['lookups', 'set'], ['limits', 'set'], ['changes', 'list'], ['changes', 'show'], ['changes', 'resume'], ['changes', 'rollback'], ['service', 'status'], ['service', 'restart'], ['queues'], ['messages'], ['queue', 'retry'], ['queue', 'removed'], ['queue', 'put-back'], ['message', 'remove'], ['message', 'export'], ['hosts', 'add'], ['hosts', 'undo'], ['explain'], ['smtp-test'], ['rehearse']])('of %s %s has an example and the options of all verbs', async (...verb) => {
    const { code, stdout } = await run([...verb, '--help'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/Examples?:\n {2}edgewise /)
    expect(stdout).toContain('--world <file>')
  })
  it('loads none of the code of the verbs', async () => {
    const { code, stdout } = await run(['--help'], { NODE_OPTIONS: `--import ${register()}` })
    expect(code).toBe(0)
    expect(stdout.match(/LOADED .*/g)?.filter((line) => !line.includes('/rolldown-runtime') && /zod|Haraka|perform|edgewise\.ts|\/parts\//.test(line)) ?? []).toEqual([])
    expect(stdout).toMatch(/LOADED .*cli\.js/)
  })
})

/** A module that makes node tell of each module that it loads. */
function register(): string {
  const hooks = join(folder, 'hooks.mjs')
  const main = join(folder, 'register.mjs')
  writeFileSync(hooks, 'import { writeSync } from "node:fs"; export async function load(url, context, next) { writeSync(1, `LOADED ${url}\\n`); return next(url, context) }')
  writeFileSync(main, 'import { register } from "node:module"; register("./hooks.mjs", import.meta.url)')
  return new URL(`file://${main}`).href
}

describe('wrong usage ends with 2', () => {
  it.each([
    [[], /Usage: edgewise/],
    [['lookups'], /Usage: edgewise lookups/],
    [['adaptors'], /unknown command 'adaptors'\n\(Did you mean adapters\?\)/],
    [['service', 'restrat'], /Did you mean restart/],
    [['queues', '--jsn'], /unknown option '--jsn'\n\(Did you mean --json\?\)/],
    [['queues', 'example.test'], /too many arguments/],
    [['messages', '--limit', '0'], /whole number from 1 to 1000000/],
    [['messages', '--limit', '1000001'], /whole number from 1 to 1000000/],
    [['messages', '--limit', '1e2'], /whole number/],
    [['messages', '--offset', '-1'], /whole number from 0/],
    [['messages', '--offset', '99999999999999999999'], /whole number from 0/],
    [['lookups', 'set'], /missing required argument 'side'/],
    [['lookups', 'set', 'outer', '--all-adapters'], /internal, external/],
    [['lookups', 'set', 'internal'], /Nothing to set/],
    [['lookups', 'set', 'internal', '--all-adapters', '--adapter', 'LAN'], /cannot be used with/],
    [['lookups', 'set', 'internal', '--protocol', 'dot'], /any, tcp, udp/],
    [['lookups', 'set', 'internal', '--use-for-internet', 'yes'], /goes with the external lookups/],
    [['queues', '--transport', 'sendmail'], /embedded, postfix, exchange/],
    [['queues', '--transport', 'embedded', '--config-dir', '/etc/postfix'], /--config-dir goes with the transport postfix/],
    [['queues', '--world', '/nowhere/world.json'], /does not exist/],
    [['rehearse', 'no-such'], /There is no scenario “no-such”.\nThere are: .*wrong-adapter/],
    [['rehearse', 'wrong-adapter', '--scenario', 'x.json'], /not both/],
    [['rehearse', '--scenario', '/nowhere/x.json'], /no such file/],
  ])('edgewise %j', async (args, sentence) => {
    const { code, stdout, stderr } = await ask(...args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(sentence)
    expect(stderr).not.toMatch(/^\s+at /m)
  })

  it.each([[['--json']], [['adaptors', '--json']], [['--json', 'messages', '--limit', 'x']], [['rehearse', 'no-such', '--json']], [['queues', '--transport', 'sendmail', '--json']]])('and in JSON with --json: %j', async (args) => {
    const ended = await ask(...args)
    expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code: 2, stderr: '' })
    expect(ended.json()).toMatchObject({ error: { code: expect.stringMatching(/^(bad-input|not-found)$/), message: expect.any(String) } })
    expect(ended.lines()).toHaveLength(1)
  })
})

it.each([
  ['is damaged', '{"name": ', /JSON/],
  ['has an unknown field', '{"colour": "red"}', /Unrecognized key|name:/],
  ['is a list', '[]', /does not hold a JSON object/],
])('a scenario file that %s is refused', async (_, text, sentence) => {
  const file = join(folder, 'scenario.json')
  writeFileSync(file, text)
  const { code, stderr } = await ask('rehearse', '--scenario', file)
  expect(code).toBe(2)
  expect(stderr).toMatch(sentence)
})

it('a home folder that cannot be is refused in a sentence', async () => {
  const file = join(folder, 'file')
  writeFileSync(file, '')
  for (const args of [['service', 'start'], ['lookups', 'set', 'internal', '--all-adapters'], ['queues', '--json']]) {
    const { code, stdout, stderr } = await run([...args, '--home', join(file, 'home')])
    expect({ args, code }).toEqual({ args, code: 1 })
    expect(stdout + stderr).toMatch(/The home folder .* cannot be written: a part of its path is a file\./)
  }
})
