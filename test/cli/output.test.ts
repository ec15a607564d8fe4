import { describe, expect, it } from 'vitest'
import { failureCodes } from '../../preload/contract/failure.ts'
import { exitCodes, facts, plain, printed, size, table, time } from '../../main/cli/output.ts'

describe('output', () => {
  it('has an exit code for every failure', () => {
    expect(Object.keys(exitCodes).sort()).toEqual([...failureCodes].sort())
    expect(exitCodes).toMatchObject({ failed: 1, 'bad-input': 2, 'needs-administrator': 3, 'transport-unreachable': 4, 'rolled-back': 5 })
  })
  it('aligns columns, with the width that a terminal gives each character', () => {
    expect(table(['Adapter', 'State'], [['本地连接', 'up'], ['LAN', 'down'], ['Ele\u0301ments', 'up']])).toBe('Adapter   State\n本地连接  up\nLAN       down\nEle\u0301ments  up')
    expect(facts([['Name', 'x'], ['Much longer', 'y'], ['Left out', null]])).toBe('Name         x\nMuch longer  y')
  })
  it('keeps a terminal from being commanded by what came from outside', () => {
    expect(plain('a\u001b[31m\r\nb\u009b2J\u202ec')).toBe('a [31m b 2J c')
    expect(table(['A'], [['\u001b[2J']])).toBe('A\n [2J')
    const json = printed({ subject: '\u001b\u009b\u2028' })
    expect(json).toBe('{"subject":"\\u001b\\u009b\\u2028"}')
    expect(JSON.parse(json)).toEqual({ subject: '\u001b\u009b\u2028' })
  })
  it('prints sizes and times', () => {
    expect([0, 999, 1000, 1_500_000, 5e12].map(size)).toEqual(['0 byte', '999 byte', '1 kB', '1.5 MB', '5,000 GB'])
    expect(time(null)).toBe('–')
    expect(time('2026-01-02T03:04:05Z')).toMatch(/\d/)
  })
})
