#!/usr/bin/env node
// The command line. Only what --help needs is loaded here; a verb's own code comes when the verb is run.
import { CommanderError } from 'commander'
import { verbsFirst } from './usage.ts'
import { usage } from './verbs.ts'

// Whoever reads our output may have had enough (`| head`) or be gone with its terminal: what is under way is ended,
// and nothing more is said.
const enough = new AbortController()
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error
  enough.abort()
})

const words = process.argv.slice(2)
const inJson = words.includes('--json')
try {
  const edgewise = usage(inJson, enough.signal)
  await edgewise.parseAsync(verbsFirst(edgewise, words), { from: 'user' })
} catch (error) {
  if (!(error instanceof CommanderError)) throw error
  // Commander has said it already, unless it was to be said in JSON. Help that was asked for is no wrong usage.
  const asked = ['commander.helpDisplayed', 'commander.version'].includes(error.code) || (error.code === 'commander.help' && error.exitCode === 0)
  if (!asked && inJson) {
    const message = error.code === 'commander.help' ? 'A verb is missing.' : error.message.replace(/^error: /, '').replace(/\n\(/, ' (')
    process.stdout.write(`${JSON.stringify({ error: { code: 'bad-input', message, remedy: 'See edgewise --help.' } })}\n`)
  }
  process.exitCode = asked ? 0 : 2
}
