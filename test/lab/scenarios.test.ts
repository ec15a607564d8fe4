// Every scenario that comes with Edgewise, played at once with real relays, and judged by what it expects.
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { playedSchema, type Played } from '../../preload/contract/rehearsal.ts'
import { allScenarios } from '../../main/lab/library.ts'
import { playAll } from '../../main/rehearsal.ts'

const folder = mkdtempSync(join(tmpdir(), 'edgewise-test-'))
const temporary = join(folder, 'tmp')
const variables = { TMPDIR: process.env['TMPDIR'], TEMP: process.env['TEMP'] }
const scenarios = allScenarios()
const told: Played[] = []
let played: Played[] = []

beforeAll(async () => {
  mkdirSync(temporary)
  Object.assign(process.env, { TMPDIR: temporary, TEMP: temporary })
  played = await playAll((one) => told.push(one), new AbortController().signal)
}, 300_000)

afterAll(() => {
  for (const [name, value] of Object.entries(variables)) {
    if (value === undefined) delete process.env[name]
    else process.env[name] = value
  }
  rmSync(folder, { recursive: true, force: true })
})

const ended = (name: string): Played => {
  const found = played.find(({ scenario }) => scenario === name)
  if (!found) throw new Error(`${name} was not played.`)
  return found
}

describe('every scenario', () => {
  it.each(scenarios.map(({ name, expected }) => ({ name, causes: expected.causes.join(', ') || 'nothing', expected })))('$name: $causes', ({ name, expected }) => {
    const { failure, causes, result, missed, false: wrong, asExpected } = ended(name)
    expect({ failure, causes: new Set(causes), result, missed, wrong }).toEqual({ failure: null, causes: new Set(expected.causes), result: expected.result, missed: [], wrong: [] })
    expect(asExpected).toBe(true)
  })

  it('is told once, as it ends', () => {
    expect(told.map(({ scenario }) => scenario).sort()).toEqual(scenarios.map(({ name }) => name).sort())
    for (const one of told) expect(playedSchema.parse(one)).toEqual(one)
  })

  it('clears away what it made', () => {
    expect(readdirSync(temporary)).toEqual([])
  })
})
