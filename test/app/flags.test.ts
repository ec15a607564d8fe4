import { expect, test } from 'vitest'
import { readFlags } from '../../main/app/flags.ts'

test('flags are found by name, whatever stands between them', () => {
  const argv = ['electron', '--inspect=0', '--remote-debugging-port=0', '--no-sandbox', '/checkout', '--world', 'world.json', '--lang=en', '--home', '/srv/edge']
  expect(readFlags(argv)).toEqual({ start: { home: '/srv/edge', worldFile: 'world.json' }, problems: [] })
})

test('the value may stand behind an equals sign', () => {
  expect(readFlags(['electron', '.', '--home=/srv/edge', '--transport=postfix'])).toEqual({ start: { home: '/srv/edge', transport: 'postfix' }, problems: [] })
})

test('a flag without its value is told and not used', () => {
  expect(readFlags(['electron', '.', '--home', '--world', 'world.json'])).toEqual({
    start: { worldFile: 'world.json' },
    problems: ['--home was given without a value, so it is not used.'],
  })
})

test('an unknown transport is told and not used', () => {
  const { start, problems } = readFlags(['electron', '.', '--transport', 'constructor'])
  expect(start).toEqual({})
  expect(problems).toHaveLength(1)
})
