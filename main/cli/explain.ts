// What replies mean: one from the command line, or one a line from standard input.
import { StringDecoder } from 'node:string_decoder'
import { Failure } from '../../preload/contract/failure.ts'
import { longestReply, type Explained } from '../../preload/contract/smtp.ts'
import { facts } from './output.ts'
import type { Core, Said, Verb } from './perform.ts'

const empty = () => new Failure('bad-input', 'There is no reply to explain.', 'Give one in quotation marks, or lines on standard input: edgewise explain "550 5.1.1 User unknown"')

export function explain(words: string[]): Verb {
  const verb: Verb = async (core) => {
    const text = words.join(' ')
    if (words.length > 0) {
      if (text.trim() === '') throw empty()
      return said(await explained(core, text))
    }
    let count = 0
    for await (const line of lines(core.signal)) {
      const { json, text: told } = said(await explained(core, line))
      core.tell(json, count === 0 ? told : `\n${told}`)
      count++
    }
    if (count === 0 && !core.signal.aborted) throw empty()
    return null
  }
  verb.open = async () => (await import('../explain-only.ts')).explainOnly
  return verb
}

async function explained(core: Core, text: string): Promise<Explained> {
  if (text.length > longestReply) process.stderr.write(`edgewise: Only the first ${longestReply} characters of a longer text were read.\n`)
  return core.ask('smtp', 'explain', { text: text.slice(0, longestReply) })
}

/** Each line of standard input that is not blank, as soon as it ends. Of an endless one no more is kept than is read of it. */
async function* lines(signal: AbortSignal): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8')
  const end = () => process.stdin.destroy()
  signal.addEventListener('abort', end, { once: true })
  let rest = ''
  try {
    for await (const chunk of process.stdin) {
      const parts = decoder.write(chunk as Buffer).split('\n')
      for (const [index, part] of parts.entries()) {
        if (index > 0) {
          if (rest.trim() !== '') yield rest
          rest = ''
        }
        if (rest.length <= longestReply) rest += part
      }
    }
  } catch (error) {
    // Whoever ended it had enough.
    if (!signal.aborted) throw error
  } finally {
    signal.removeEventListener('abort', end)
  }
  if (rest.trim() !== '' && !signal.aborted) yield rest
}

function said(explanation: Explained): Said {
  const { category, permanent, code, enhanced, inner, meaning, remedy, stage, host, command } = explanation
  const codes = [code, enhanced].filter((one) => one !== null).join(' ')
  const text = facts([
    ['Category', category],
    ['Meaning', meaning],
    ['Remedy', remedy],
    ['Permanent', permanent === null ? 'not told' : permanent ? 'yes' : 'no, it may be tried again'],
    ['Code', codes || null],
    ['Stage', stage],
    ['Command', command],
    ['Host', host],
    ['Reply', inner.length > 500 ? `${inner.slice(0, 500)} …` : inner],
  ])
  return { json: explanation, text }
}
