// The replies of replies/*.txt, each with the category that facts and hand judged.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = join(import.meta.dirname, 'replies')

/** In an order that no file system changes: the judge of main/smtp/judge.ts learns from them one after another. */
export const files = readdirSync(folder).sort()

export function repliesOf(file: string): { category: string; text: string }[] {
  return readFileSync(join(folder, file), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const bar = line.indexOf(' | ')
      return { category: line.slice(0, bar), text: line.slice(bar + 3).replaceAll('\\n', '\n') }
    })
}
