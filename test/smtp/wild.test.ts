// Real replies of many providers, transports and languages.
import { expect, it } from 'vitest'
import { explainedSchema, replyCategories } from '../../preload/contract/smtp.ts'
import { explain } from '../../main/smtp/reply.ts'
import { files, repliesOf } from './replies.ts'

it.each(files)('understands what %s has', (file) => {
  const replies = repliesOf(file)
  expect(replies.length).toBeGreaterThan(50)
  const mistaken = replies.map(({ category, text }) => ({ text, expected: category, found: explain(text).category })).filter(({ expected, found }) => expected !== found)
  expect(mistaken).toEqual([])
})

it('knows only the categories of the closed list, and all of them are met', () => {
  const met = new Set(files.flatMap((file) => repliesOf(file).map(({ category }) => category)))
  expect([...met].sort()).toEqual([...replyCategories].sort())
})

it('answers in the form of the contract, with the meaning and the remedy in words', () => {
  for (const { text } of files.flatMap(repliesOf)) {
    const explained = explainedSchema.parse(explain(text))
    expect(explained.meaning).toMatch(/^\p{Lu}.*\.$/u)
    expect(explained.meaning).not.toContain('{')
    expect(explained.remedy).toMatch(/\.$/)
  }
})
