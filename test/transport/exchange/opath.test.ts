import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Filter, messageFilterSchema, queueFilterSchema } from '../../../preload/contract/filter.ts'
import { opathOf } from '../../../main/transport/exchange/opath.ts'

const messages = (...all: unknown[]): Filter => messageFilterSchema.parse({ all })

describe('a filter in OPATH', () => {
  it.each([
    [{ field: 'from', is: 'equals', value: "o'neil@example.test" }, "FromAddress -eq 'o''neil@example.test'"],
    [{ field: 'lastError', is: 'contains', value: '4.4.7' }, "LastError -like '*4.4.7*'"],
    [{ field: 'retries', is: 'over', value: 3 }, 'RetryCount -gt 3'],
    [{ field: 'status', is: 'equals', value: 'Retry' }, "Status -eq 'Retry'"],
  ])('%j', (condition, text) => {
    expect(opathOf(messages(condition), 'messages')).toEqual({ text, isWhole: true })
  })

  it('joins what can be said, and leaves the rest to the matcher', () => {
    const filter = messages({ field: 'from', is: 'equals', value: 'a@example.test' }, { field: 'recipient', is: 'contains', value: 'b' }, { field: 'retries', is: 'under', value: 9 })
    expect(opathOf(filter, 'messages')).toEqual({ text: "FromAddress -eq 'a@example.test' -and RetryCount -lt 9", isWhole: false })
    expect(opathOf(queueFilterSchema.parse({ all: [{ field: 'nextHop', is: 'contains', value: 'example' }] }), 'queues').text).toBe("NextHopDomain -like '*example*'")
  })

  it.each(['$(Stop-Computer)', '\u2019; Remove-Message', 'a*b', 'a`b', '[a]', 'a\u0000b', 'a\nb', 'a\u2028b'])('says nothing of %j, which PowerShell might read otherwise', (value) => {
    expect(opathOf(messages({ field: 'subject', is: 'contains', value }), 'messages')).toEqual({ text: undefined, isWhole: false })
  })

  it('cannot be escaped from: whatever is typed stays between its quotes', () => {
    const field = fc.constantFrom('from', 'subject', 'lastError')
    const nasty = fc.string({ unit: fc.constantFrom("'", '"', '\u2018', '\u2019', '\u201b', '`', '$', '(', ')', '*', ' ', '-', 'a', ';', '|', '\n', '{'), minLength: 1, maxLength: 30 })
    const value = fc.oneof(nasty, fc.string({ unit: 'binary', minLength: 1, maxLength: 50 }))
    fc.assert(
      fc.property(field, fc.constantFrom('equals', 'contains'), value, (name, is, text) => {
        const said = opathOf(messages({ field: name, is, value: text }), 'messages').text
        if (said === undefined) return
        // One operand between quotes, and within it quotes by twos alone.
        const [, operand] = /^[A-Za-z]+ -(?:eq|like) '([^]*)'$/.exec(said) ?? []
        expect(operand).toBeDefined()
        expect(operand?.replaceAll("''", '')).not.toMatch(/['\u2018-\u201f`$]/)
        expect(operand?.replaceAll("''", "'").replace(/^\*([^]*)\*$/, is === 'contains' ? '$1' : '$&')).toBe(text)
      }),
      { numRuns: 5_000 },
    )
  })
})
