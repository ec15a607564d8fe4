// The transport's parameters, those of the Limits and of the Log Settings tab, each by the transport's own name.
import { parameterTabs, parameterText, type Parameter, type ParameterValue, type ParameterValues } from '../../preload/contract/parameters.ts'
import type { Wanted } from '../../preload/contract/changes.ts'
import { Failure } from '../../preload/contract/failure.ts'
import { carryOut, changeText, type Guard, planText, rolledBack } from './change.ts'
import { plain, table } from './output.ts'
import type { Verb } from './perform.ts'

export const showLimits: Verb = async (core) => {
  const { server } = await core.ask('servers', 'properties', { server: 'local' })
  const { limits, log, parameters } = server
  const rows = parameters.map(({ name, label, tab }) => [name, plain(parameterText(server[tab][name])), label])
  return { json: { limits, log, parameters }, text: table(['Parameter', 'Value', 'What it is'], rows) }
}

/** `words` as they were typed: `--maximal-queue-lifetime 5d`, `--maximal-queue-lifetime=5d` or `maximal_queue_lifetime=5d`. */
export function setLimits(words: readonly string[], guard: Guard): Verb {
  return async (core) => {
    const named = pairsOf(words)
    if (named.length === 0) throw new Failure('bad-input', 'Nothing to set: name a limit.', 'edgewise limits show lists them.')
    const { server } = await core.ask('servers', 'properties', { server: 'local' })
    const wanted: Wanted = {}
    for (const [name, text] of named) {
      const parameter = parameterNamed(name, server.parameters)
      const values: ParameterValues = (wanted[parameter.tab] ??= {})
      values[parameter.name] = valueOf(parameter, text)
    }
    if (guard.dryRun) {
      const { plan, text } = await planText(core, wanted)
      return { json: { plan }, text }
    }
    const change = await carryOut(core, wanted, guard, 'edgewise limits set')
    const { limits, log } = (await core.ask('servers', 'properties', { server: 'local' })).server
    return { json: { limits, log, change }, text: changeText(change), exitCode: change.state === 'rolled back' ? rolledBack : 0 }
  }
}

function pairsOf(words: readonly string[]): [name: string, text: string][] {
  const pairs: [string, string][] = []
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ''
    const joined = /^(?:--)?([\w-]+)=(.*)$/s.exec(word)
    if (joined) pairs.push([joined[1] ?? '', joined[2] ?? ''])
    else if (/^--[\w-]+$/.test(word) && words[at + 1] !== undefined) pairs.push([word.slice(2), words[++at] ?? ''])
    else throw new Failure('bad-input', `“${word}” lacks its value.`, 'Say it as NAME=VALUE or --NAME VALUE. edgewise limits show lists the names.')
  }
  return pairs
}

const bare = (name: string) => name.replace(/[-_]/g, '').toLowerCase()

function parameterNamed(name: string, parameters: readonly Parameter[]): Parameter {
  const found = parameters.find((one) => bare(one.name) === bare(name))
  if (found) return found
  throw new Failure('bad-input', `There is no limit “${name}”.`, `There are: ${parameterTabs.flatMap((tab) => parameters.filter((one) => one.tab === tab).map((one) => one.name)).join(', ')}.`)
}

const switches: Record<string, boolean> = { yes: true, true: true, on: true, no: false, false: false, off: false }

/** As the parameter takes it; text that it does not take is left as it is, for the transport to refuse. */
function valueOf({ takes }: Parameter, text: string): ParameterValue {
  if (takes.kind === 'flag') return switches[text.toLowerCase()] ?? text
  return (takes.kind === 'seconds' || takes.kind === 'count') && /^\d+$/.test(text) ? Number(text) : text
}
