// What a diagnosis of an open rehearsal is asked about: what waits, what was returned, who has theirs.
import { describe, expect, it } from 'vitest'
import type { Lab } from '../../main/lab/lab.ts'
import { targetsOf } from '../../main/lab/target.ts'

const lab = (sent: string[], arrived: string[]) =>
  ({ scenario: { messages: sent.map((to) => ({ from: 'bob@edge.test', to })) }, delivered: () => arrived.map((to) => ({ from: 'bob@edge.test', recipients: [to], subject: '' })) }) as unknown as Lab

const first = (...asked: Parameters<typeof targetsOf>) => targetsOf(...asked)[0]?.target

describe('the target of a diagnosis', () => {
  it('is all that waits, as long as any does', () => {
    expect(first(lab(['a@x.test', 'b@x.test'], ['a@x.test']), 1, new Map())).toBe('*')
  })
  it('is what was returned: by its id where that was seen, else by its recipient', () => {
    const scene = lab(['a@x.test', 'b@x.test'], ['a@x.test'])
    expect(first(scene, 0, new Map([['b@x.test', '17-B']]))).toBe('17-B')
    expect(first(scene, 0, new Map())).toBe('b@x.test')
  })
  it('is who has theirs, where all of it arrived', () => {
    expect(first(lab(['a@x.test', 'b@x.test'], ['a@x.test', 'b@x.test']), 0, new Map())).toBe('a@x.test')
  })
})
