import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { contract } from '../../preload/contract/index.ts'
import { kinds } from '../../preload/contract/kinds.ts'

const kindsOf = (topics: Record<string, Record<string, { kind: string }>>) =>
  Object.fromEntries(Object.entries(topics).map(([topic, entries]) => [topic, Object.fromEntries(Object.entries(entries).map(([name, { kind }]) => [name, kind]))]))

test('the list of kinds is exactly the contract', () => {
  expect(kinds).toEqual(kindsOf(contract))
})

test('the preload takes only types of what has schemas: they are not made with each window', () => {
  const source = readFileSync(new URL('../../preload/index.ts', import.meta.url), 'utf8')
  const imports = [...source.matchAll(/^import (type )?.* from '([^']+)'/gm)].filter(([, type]) => type === undefined).map(([, , from]) => from)
  expect(imports).toEqual(['electron', './contract/kinds.ts'])
})
