// `node build/judge.mjs`: teaches the judge of main/smtp/judge.ts by the replies of test/smtp/replies, and writes what it
// learnt to main/smtp/weights.ts. The same replies make the same file.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createServer } from 'vite'
import { runAsProgram, say } from './fault.mjs'
import { checkout } from './places.mjs'

/**
 * @typedef {object} Example
 * @property {string[]} clues
 * @property {string} category
 *
 * @typedef {object} Learnt
 * @property {string} weights as judge.ts unpacks them
 * @property {number} scale what one step of a weight is worth
 */

const rounds = 12
/** Of a step against the error; Adagrad makes it smaller for a clue that was often seen. */
const rate = 0.5
/** What draws each weight to nought, so that rare clues do not decide alone. */
const decay = 1e-4
/** A clue of one reply alone teaches nothing of others. */
const leastReplies = 2
/** Those that say most are kept: 8,000 are 240 KB. */
const mostClues = 8_000

/**
 * Multinomial logistic regression, by stochastic gradient descent in an order that is the same each time.
 * @param {Example[]} examples
 * @param {readonly string[]} categories
 * @param {(clue: string) => number} clueNumber
 * @returns {Learnt}
 */
export function learnt(examples, categories, clueNumber) {
  const columns = categories.length
  const seen = new Map()
  for (const { clues } of examples) for (const clue of clues) seen.set(clueNumber(clue), (seen.get(clueNumber(clue)) ?? 0) + 1)
  const numbers = [...seen].filter(([, replies]) => replies >= leastReplies).map(([number]) => number).sort((a, b) => a - b)
  const places = new Map(numbers.map((number, at) => [number, at]))
  const lessons = examples.map(({ clues, category }) => ({ rows: clues.map((clue) => places.get(clueNumber(clue))).filter((row) => row !== undefined), truth: categories.indexOf(category) }))
  const weights = new Float64Array(numbers.length * columns)
  const squares = new Float64Array(numbers.length * columns).fill(1e-6)
  const random = randomly()
  for (let round = 0; round < rounds; round++) {
    shuffle(lessons, random)
    for (const lesson of lessons) step(weights, squares, lesson, columns)
  }
  return packed(numbers, weights, columns)
}

/**
 * @param {Float64Array} weights
 * @param {Float64Array} squares of all the gradients so far
 * @param {{ rows: number[], truth: number }} lesson
 * @param {number} columns
 */
function step(weights, squares, { rows, truth }, columns) {
  const factor = 1 / Math.sqrt(rows.length)
  const sums = Array.from({ length: columns }, (_, column) => rows.reduce((all, row) => all + (weights[row * columns + column] ?? 0), 0) * factor)
  const highest = Math.max(...sums)
  const total = sums.reduce((all, sum) => all + Math.exp(sum - highest), 0)
  sums.forEach((sum, column) => {
    const error = (Math.exp(sum - highest) / total - (column === truth ? 1 : 0)) * factor
    for (const row of rows) {
      const at = row * columns + column
      const weight = weights[at] ?? 0
      const gradient = error + decay * weight
      const square = (squares[at] ?? 0) + gradient * gradient
      squares[at] = square
      weights[at] = weight - (rate * gradient) / Math.sqrt(square)
    }
  })
}

/**
 * A byte a weight, for the clues whose weights are largest.
 * @param {number[]} numbers
 * @param {Float64Array} weights
 * @param {number} columns
 * @returns {Learnt}
 */
function packed(numbers, weights, columns) {
  /** @param {number} row */
  const strength = (row) => Math.max(...weights.subarray(row * columns, (row + 1) * columns).map(Math.abs))
  const kept = numbers.map((_, row) => row).sort((a, b) => strength(b) - strength(a) || a - b).slice(0, mostClues).sort((a, b) => a - b)
  const scale = Number((Math.max(...kept.map(strength)) / 127).toPrecision(6))
  const bytes = Buffer.alloc(kept.length * (4 + columns))
  kept.forEach((row, at) => {
    bytes.writeUInt32LE(numbers[row] ?? 0, at * 4)
    for (let column = 0; column < columns; column++) bytes.writeInt8(Math.max(-127, Math.min(127, Math.round((weights[row * columns + column] ?? 0) / scale))), kept.length * 4 + at * columns + column)
  })
  return { weights: bytes.toString('base64'), scale }
}

/** Numbers from 0 to below 1 (a linear congruence): Math.random would teach something else each time. */
function randomly() {
  let state = 1
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32
}

/**
 * @template T
 * @param {T[]} list
 * @param {() => number} random
 */
function shuffle(list, random) {
  for (let last = list.length - 1; last > 0; last--) {
    const [moved] = list.splice(Math.floor(random() * (last + 1)), 1)
    if (moved !== undefined) list.push(moved)
  }
}

/** @param {Learnt} what */
export const asModule = ({ weights, scale }) => `// What the judge of judge.ts learnt from test/smtp/replies. Written by \`node build/judge.mjs\`; do not edit.
export const scale = ${scale}
export const weights = '${weights}'
`

async function teach() {
  const vite = await createServer({ root: checkout, configFile: false, server: { middlewareMode: true, hmr: false, watch: null }, appType: 'custom', logLevel: 'error' })
  try {
    const { replyCategories } = await vite.ssrLoadModule('/preload/contract/smtp.ts')
    const { clueNumber } = await vite.ssrLoadModule('/main/smtp/judge.ts')
    const { examples } = await vite.ssrLoadModule('/test/smtp/examples.ts')
    const taught = examples()
    writeFileSync(join(checkout, 'main', 'smtp', 'weights.ts'), asModule(learnt(taught, replyCategories, clueNumber)))
    say(`The judge learnt from ${taught.length} replies.`)
  } finally {
    await vite.close()
  }
}

if (process.argv[1] === import.meta.filename) await runAsProgram(teach)
