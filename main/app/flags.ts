// The window's own flags, looked up by name: the runtime, Chromium and test drivers put theirs in between.
import type { TransportName } from '../../preload/contract/servers.ts'
import type { Start } from '../edgewise.ts'

const flags = { home: '--home', worldFile: '--world', transport: '--transport', configDir: '--config-dir' } as const
/** The contract's names, said here so that its schemas are not loaded before the window. */
const transports: Record<TransportName, TransportName> = { embedded: 'embedded', postfix: 'postfix', exchange: 'exchange' }

export interface Flags {
  start: Omit<Start, 'keepAlive'>
  /** A sentence for each flag that lacks its value. */
  problems: string[]
}

export function readFlags(argv: readonly string[]): Flags {
  const read: Flags = { start: {}, problems: [] }
  for (const [key, flag] of Object.entries(flags) as [keyof typeof flags, string][]) {
    const value = valueOf(argv, flag)
    if (value === undefined) continue
    if (value === '') read.problems.push(`${flag} was given without a value, so it is not used.`)
    else if (key !== 'transport') read.start[key] = value
    else if (Object.hasOwn(transports, value)) read.start.transport = transports[value as TransportName]
    else read.problems.push(`“${value}” is no transport, so the one of this machine is used. There are ${Object.keys(transports).join(', ')}.`)
  }
  return read
}

/** Undefined where the flag is not given, empty where its value is missing. */
function valueOf(argv: readonly string[], flag: string): string | undefined {
  const joined = argv.find((arg) => arg.startsWith(`${flag}=`))
  if (joined !== undefined) return joined.slice(flag.length + 1)
  const at = argv.indexOf(flag)
  if (at < 0) return undefined
  const next = argv[at + 1]
  return next === undefined || next.startsWith('--') ? '' : next
}
