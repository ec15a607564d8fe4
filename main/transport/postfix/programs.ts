// Runs Postfix's own programs: no shell in between, a limit for each, and every word that they have about an error.
import { StringDecoder } from 'node:string_decoder'
import { Failure } from '../../../preload/contract/failure.ts'
import { start, type Ended, type Running, type Starting } from './child.ts'

export type Program = 'postconf' | 'postfix' | 'postqueue' | 'postsuper' | 'postcat' | 'postmap' | 'postmulti' | 'sendmail'

export interface How extends Pick<Starting, 'signal' | 'limit' | 'input'> {
  /** Null for the system's own. */
  configDir: string | null
}

export interface Ran extends Ended {
  output: string
}

/** Bytes: `postconf` prints 36 KB. */
const mostOutput = 64 * 1024 * 1024

/** Throws a Failure where the program is missing, takes longer than it may, or is cancelled: it is killed then. */
export const run = (program: Program, args: readonly string[], how: How): Promise<Ran> => wholeOf(program, begin(program, args, how))

/** The same of the system's own programs: `systemctl`, `unshare`, … */
export function runSystem(program: string, args: readonly string[], { signal, limit }: Pick<How, 'signal' | 'limit'>): Promise<Ran> {
  const missing = new Failure('failed', `The program ${program} is not on this machine.`, 'Install the package that has it: util-linux, or systemd.')
  return wholeOf(program, start(program, args, { signal, limit, missing }))
}

async function wholeOf(program: string, running: Running): Promise<Ran> {
  const output: string[] = []
  let held = 0
  for await (const text of decoded(running.output)) {
    held += text.length
    if (held > mostOutput) throw new Failure('failed', `${program} prints without end.`)
    output.push(text)
  }
  return { ...running.ended(), output: output.join('') }
}

/** Its output as it comes, byte for byte. Throws a Failure also where the program ends with one. */
export async function* bytes(program: Program, args: readonly string[], how: How): AsyncGenerator<Buffer, void, undefined> {
  const running = begin(program, args, how)
  yield* running.output
  const ended = running.ended()
  if (ended.code !== 0) throw programFailure(program, ended)
}

/** Batches of whole lines as they come. Throws a Failure also where the program ends with one. */
export async function* lines(program: Program, args: readonly string[], how: How): AsyncGenerator<string[], void, undefined> {
  const running = begin(program, args, how)
  let rest = ''
  for await (const text of decoded(running.output)) {
    const batch = `${rest}${text}`.split('\n')
    rest = batch.pop() ?? ''
    if (batch.length > 0) yield batch
  }
  const ended = running.ended()
  // Of a program that was ended in the middle of a line, that line is none.
  if (ended.code !== 0) throw programFailure(program, ended)
  if (rest !== '') yield [rest]
}

async function* decoded(output: AsyncIterable<Buffer>): AsyncGenerator<string, void, undefined> {
  const decoder = new StringDecoder('utf8')
  for await (const chunk of output) yield decoder.write(chunk)
  yield decoder.end()
}

/** Why a program failed, in its own words. */
export function programFailure(program: string, { code, errors }: Ended): Failure {
  const text = saidBy(errors)
  if (/permission denied|operation not permitted|superuser|access denied|interactive authentication required|not allowed|must be root/i.test(text))
    return new Failure('needs-administrator', `${program} was refused: ${text}`, 'Run Edgewise as an administrator, or as a member of the group that Postfix asks for.')
  if (/mail system is down|connect to .*: (Connection refused|No such file)/i.test(text))
    return new Failure('transport-unreachable', `Postfix does not run: ${text}`, 'Start it: edgewise service start, or Start transport service in the console.')
  return new Failure('failed', text === '' ? `${program} ended with exit code ${code ?? 'unknown'} and said nothing.` : `${program} failed: ${text}`)
}

/** Without the names of the programs, and each sentence once; warnings only where there is nothing worse. */
export function saidBy(errors: string): string {
  const told = errors.split('\n').map((line) => line.trim()).filter((line) => line !== '')
  const worse = told.filter((line) => !/^\S+: warning: /.test(line))
  const bare = (worse.length > 0 ? worse : told).map((line) => line.replace(/^(?:post[a-z]+(?:\/[a-z-]+)*: )?(?:(?:fatal|error|panic|warning): )?/, ''))
  return [...new Set(bare)].join(' ')
}

/** These take the configuration folder from MAIL_CONFIG. */
const byEnvironment = (program: Program): boolean => program === 'postmulti' || program === 'sendmail'

function begin(program: Program, args: readonly string[], { configDir, ...how }: How): Running {
  const missing = new Failure('transport-unreachable', `There is no Postfix here: its program ${program} was not found.`, 'Install it: “apt install postfix” on Debian and Ubuntu, “dnf install postfix” on Fedora and its kin.')
  const place = configDir === null || byEnvironment(program) ? [] : ['-c', configDir]
  const env = configDir !== null && byEnvironment(program) ? { MAIL_CONFIG: configDir } : undefined
  return start(program, [...place, ...args], { ...how, env, missing })
}
