// `npm run bench [-- --json]`: runs test/bench/*.bench.mjs one after another; each exports rows(), what it measured.
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { withDisplay } from './display.mjs'
import { Fault, runAsProgram, say } from './fault.mjs'
import { checkout } from './places.mjs'
import { setup } from './setup.mjs'

/**
 * @typedef {object} Row
 * @property {string} name
 * @property {number} ours
 * @property {number} [peer]
 * @property {string} [peerName]
 * @property {string} unit
 * @property {number} [ratio] peer / ours or as the bench defines it
 * @property {string} goal
 * @property {boolean} met
 */

const folder = join(checkout, 'test', 'bench')

/** @returns {Promise<Row[]>} */
async function measure() {
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.bench.mjs')).sort() : []
  if (files.length === 0) throw new Fault('There are no benches in test/bench.')
  const rows = []
  for (const file of files) {
    say(`Measuring ${file.replace('.bench.mjs', '')} …`)
    const bench = await import(pathToFileURL(join(folder, file)).href)
    rows.push(...(await bench.rows()))
  }
  return rows
}

/** @param {number | undefined} value */
const figure = (value) => (value === undefined ? '–' : value.toLocaleString('en', { maximumSignificantDigits: 3 }))

/** @param {Row[]} rows */
function table(rows) {
  const lines = [['what', 'ours', 'peer', 'unit', 'ratio', 'goal', 'met'], ...rows.map((row) => [
    row.name,
    figure(row.ours),
    row.peer === undefined ? '–' : `${figure(row.peer)} (${row.peerName ?? 'peer'})`,
    row.unit,
    figure(row.ratio),
    row.goal,
    row.met ? 'yes' : 'NO',
  ])]
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((line) => `${line[column]}`.length)))
  return lines.map((line) => line.map((cell, column) => `${cell}`.padEnd(widths[column] ?? 0)).join('  ').trimEnd()).join('\n')
}

async function bench() {
  await setup('test')
  const rows = await withDisplay(process.env, (env) => {
    Object.assign(process.env, env)
    return measure()
  })
  console.log(process.argv.includes('--json') ? JSON.stringify({ benches: rows }) : table(rows))
  return rows.every((row) => row.met) ? 0 : 1
}

await runAsProgram(bench)
