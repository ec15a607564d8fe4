// The learnt judge, which stands behind the rules of reply.ts. Phrases know the words they were written for; who runs a
// mail server writes his own. So the replies of test/smtp/replies, each judged by hand, teach a linear model
// (multinomial logistic regression) which words go with which cause, and it has an opinion of words in an order that
// nobody foresaw. It is asked only where the rules know nothing or rest on weak evidence, and is heeded only when it is
// sure: it cannot tell why, and it has never heard of a provider's code that was not among its replies.
// `node build/judge.mjs` teaches it anew; weights.ts is what it wrote.
import { replyCategories, type ReplyCategory, type ReplyStage } from '../../preload/contract/smtp.ts'
import type { Codes } from './heard.ts'
import { comparable } from './text.ts'
import { scale, weights } from './weights.ts'

/** The cause that is likeliest, and how likely each one is; together they are 1. */
export interface Opinion {
  category: ReplyCategory
  chances: Record<ReplyCategory, number>
}

const mostWords = 200

/** What the model sees of a reply: its words alone and in twos, parts of words that are not of plain Latin letters, its codes, and what was answered. */
export function cluesOf(inner: string, { code, enhanced }: Codes, stage: ReplyStage | null): string[] {
  const clues = new Set(['always'])
  if (code !== null) clues.add(`code ${code}`).add(`code ${code.slice(0, 2)}x`)
  if (enhanced !== null) {
    const [type, subject, detail] = enhanced.split('.')
    clues.add(`detail ${subject}.${detail}`).add(`subject ${subject}`).add(`class ${type}.${subject}`)
  }
  if (stage !== null) clues.add(`stage ${stage}`)
  const words = (comparable(inner).match(/\p{Script=Latin}[\p{Script=Latin}'-]*|[\p{L}\p{M}]+|\d+/gu) ?? []).slice(0, mostWords).map((word) => (/^\d+$/.test(word) && word.length !== 3 ? '0' : word))
  words.forEach((word, at) => {
    clues.add(word)
    if (at > 0) clues.add(`${words[at - 1]} ${word}`)
    if (at > 1) clues.add(`${words[at - 2]} … ${word}`)
    if (word.length > 6) clues.add(`${word.slice(0, 5)}…`)
    if (/[^\0-\u007f]/.test(word)) for (const part of partsOf(word)) clues.add(part)
  })
  return [...clues]
}

/** In twos and threes: Chinese and its neighbours put no space between words. */
function* partsOf(word: string): Generator<string> {
  for (let at = 0; at + 1 < word.length; at++) {
    yield `#${word.slice(at, at + 2)}`
    if (at + 2 < word.length) yield `#${word.slice(at, at + 3)}`
  }
}

/** FNV-1a, 32 bits. Instead of the clues themselves their numbers are kept. */
export function clueNumber(clue: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < clue.length; at++) hash = Math.imul(hash ^ clue.charCodeAt(at), 0x01000193)
  return hash >>> 0
}

interface Model {
  numbers: Uint32Array
  /** One row a clue, one column a category. */
  rows: Int8Array
}

let model: Model | undefined

/** The numbers of the clues, ascending, and after all of them their rows. Unpacked when first asked: most commands judge no reply. */
function unpacked(): Model {
  const bytes = Uint8Array.from(atob(weights), (letter) => letter.charCodeAt(0))
  const view = new DataView(bytes.buffer)
  const clues = bytes.length / (4 + replyCategories.length)
  const numbers = Uint32Array.from({ length: clues }, (_, at) => view.getUint32(at * 4, true))
  return { numbers, rows: new Int8Array(bytes.buffer, clues * 4, clues * replyCategories.length) }
}

export function opinionOf(clues: string[]): Opinion {
  model ??= unpacked()
  const rows = clues.map((clue) => placeOf(clueNumber(clue), model?.numbers ?? new Uint32Array())).filter((row) => row >= 0)
  const sums = new Float64Array(replyCategories.length)
  for (const row of rows) for (let column = 0; column < sums.length; column++) sums[column] = (sums[column] ?? 0) + (model.rows[row * sums.length + column] ?? 0)
  // As in teaching: a long reply is not surer than a short one.
  const factor = scale / Math.sqrt(rows.length)
  const highest = Math.max(...sums)
  const exponentials = Array.from(sums, (sum) => Math.exp((sum - highest) * factor))
  const total = exponentials.reduce((all, one) => all + one, 0)
  const chances = Object.fromEntries(replyCategories.map((category, at) => [category, (exponentials[at] ?? 0) / total])) as Record<ReplyCategory, number>
  return { category: replyCategories[sums.indexOf(highest)] ?? 'unknown', chances }
}

function placeOf(number: number, ascending: Uint32Array): number {
  let from = 0
  let to = ascending.length
  while (from < to) {
    const middle = (from + to) >>> 1
    if ((ascending[middle] ?? 0) < number) from = middle + 1
    else to = middle
  }
  return ascending[from] === number ? from : -1
}
