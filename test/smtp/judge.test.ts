// The learnt judge: what it learnt is what it is taught, and where it is heeded.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { asModule, learnt } from '../../build/judge.mjs'
import { clueNumber, cluesOf, opinionOf } from '../../main/smtp/judge.ts'
import { explain } from '../../main/smtp/reply.ts'
import { longestReply, replyCategories } from '../../preload/contract/smtp.ts'
import { examples } from './examples.ts'

const written = join(import.meta.dirname, '..', '..', 'main', 'smtp', 'weights.ts')

describe('what it learnt', () => {
  it('is what build/judge.mjs makes of the replies', () => {
    expect(readFileSync(written, 'utf8') === asModule(learnt(examples(), replyCategories, clueNumber)), 'main/smtp/weights.ts is of other replies: run `node build/judge.mjs`').toBe(true)
  }, 60_000)

  it('is no larger than 300 KB', () => {
    expect(readFileSync(written).length).toBeLessThan(300_000)
  })

  it('is of use for replies it was not taught', async () => {
    const all = examples()
    const others = all.filter(({ file }) => file !== 'postmasters.txt')
    const known = new Set(others.map(({ clues }) => clues.join('|')))
    const unseen = all.filter(({ file, clues }) => file === 'postmasters.txt' && !known.has(clues.join('|')))
    vi.doMock('../../main/smtp/weights.ts', () => learnt(others, replyCategories, clueNumber))
    vi.resetModules()
    const other = await import('../../main/smtp/judge.ts')
    vi.doUnmock('../../main/smtp/weights.ts')
    const right = unseen.filter(({ clues, category }) => other.opinionOf(clues).category === category)
    expect(unseen.length).toBeGreaterThan(100)
    expect(right.length / unseen.length).toBeGreaterThan(0.85)
  }, 60_000)
})

describe('its opinion', () => {
  it('gives each category a chance, together 1', () => {
    const { category, chances } = opinionOf(cluesOf('550 5.1.1 no such person lives here', { code: '550', enhanced: '5.1.1' }, 'rcpt'))
    expect(category).toBe('recipient-unknown')
    expect(Object.keys(chances).sort()).toEqual([...replyCategories].sort())
    expect(Object.values(chances).reduce((all, one) => all + one, 0)).toBeCloseTo(1)
  })

  it('is one of no words as well', () => {
    expect(opinionOf(cluesOf('', { code: null, enhanced: null }, null)).category).toBeTypeOf('string')
  })
})

describe('where it is heeded', () => {
  it.each([
    ['521 <192.0.2.4> is blocked', 'reputation-or-blocklist'],
    ['501 5.1.3 Recipient address syntax error', 'recipient-unknown'],
    ['501 5.5.2 Invalid domain name or ip supplied as HELO argument', 'sender-ptr'],
    ['550 <192.0.2.4> blocked by ldap:ou=rblmx, dc=example, dc=net', 'reputation-or-blocklist'],
  ])('mends what weak evidence says of “%s”', (text, category) => {
    expect(explain(text).category).toBe(category)
  })

  it('leaves a provider’s own code alone, whatever the words and the other codes are', () => {
    expect(explain('550 5.1.1 <user@example.com>: Recipient address rejected: User unknown in virtual mailbox table [TSS04]').category).toBe('reputation-or-blocklist')
  })

  it('says unknown of words that it never saw', () => {
    expect(explain('550 zwirbelt qux florp').category).toBe('unknown')
  })

  it('takes the longest text that is read', () => {
    expect(explain(`550 ${'мир '.repeat(longestReply)}`).category).toBeTypeOf('string')
  })
})
