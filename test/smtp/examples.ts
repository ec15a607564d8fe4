// What the judge is taught by: the clues of each reply of replies/*.txt, and its category.
import { heard } from '../../main/smtp/heard.ts'
import { cluesOf } from '../../main/smtp/judge.ts'
import { files, repliesOf } from './replies.ts'

export interface Example {
  file: string
  clues: string[]
  category: string
}

export const examples = (): Example[] =>
  files.flatMap((file) =>
    repliesOf(file).map(({ category, text }) => {
      const { unwrapped, codes } = heard(text)
      return { file, clues: cluesOf(unwrapped.inner, codes, unwrapped.stage), category }
    }),
  )
