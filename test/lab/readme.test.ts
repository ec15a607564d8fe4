// The format's documentation: every field is described, has an example, and every example can be played.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { behaviours } from '../../main/lab/scenario-dns.ts'
import { connections, tlsKinds } from '../../main/lab/scenario-destination.ts'
import { readScenario, scenarioSchema } from '../../main/lab/scenario.ts'
import wrongAdapter from '../../main/lab/scenarios/wrong-adapter.json' with { type: 'json' }
import { recordTypes } from '../../main/lab/zone.ts'

const readme = readFileSync(join(import.meta.dirname, '../../main/lab/scenarios/README.md'), 'utf8')
const examples = [...readme.matchAll(/```json\n([\s\S]*?)```/g)].map(([, text = '']): Record<string, unknown> => JSON.parse(text))

/** Every name of a field, however deep; a field of names of its own (`recipients`) counts as one. */
function fields(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return []
  const own = 'properties' in schema && typeof schema.properties === 'object' && schema.properties !== null ? Object.keys(schema.properties) : []
  return [...own, ...Object.values(schema).flatMap(fields)]
}

const all = [...new Set(fields(z.toJSONSchema(scenarioSchema, { io: 'input', unrepresentable: 'any' })))]

const keysOf = (value: unknown): string[] => (typeof value === 'object' && value !== null ? [...(Array.isArray(value) ? [] : Object.keys(value)), ...Object.values(value).flatMap(keysOf)] : [])
const shown = new Set(examples.flatMap(keysOf))

describe('the description of the scenario format', () => {
  it('finds the fields of the schema', () => {
    expect(all).toEqual(expect.arrayContaining(['name', 'adapters', 'behaviour', 'greylist', 'nextHop', 'causes', 'messageExpirationTimeout']))
    expect(all.length).toBeGreaterThan(60)
  })
  it.each(all)('%s is described, and has an example', (field) => {
    expect(readme).toMatch(new RegExp(`\`(service\\.)?${field}\`|"${field}":`))
    expect(shown).toContain(field)
  })
  it.each([...behaviours, ...connections, ...tlsKinds])('“%s” is described', (word) => expect(readme).toContain(`\`${word}\``))
  it.each([...recordTypes])('records of type %s are named', (type) => expect(readme).toMatch(new RegExp(`\\b${type}\\b`)))
  it.each(examples)('example %# can be played', (example) => {
    expect(() => readScenario({ ...wrongAdapter, ...example })).not.toThrow()
  })
})
