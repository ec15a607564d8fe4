// Carries out a journalled change with an administrator's rights: this same program, one verb, one id
// and the seal of what was shown. The window itself never runs elevated, and no word of the user's is in the command.
import { Failure } from '../../preload/contract/failure.ts'
import type { Elevated, Whereabouts } from '../edgewise.ts'

/** `exec` of @vscode/sudo-prompt. */
export type Prompt = (
  command: string,
  options: { name: string; env: Record<string, string> },
  done: (error?: Error, stdout?: string | Buffer, stderr?: string | Buffer) => void,
) => void

export interface Elevating {
  program: string
  script: string
  where: Whereabouts
  prompt: Prompt
}

/** What @vscode/sudo-prompt says, word for word (its index.js); it has no codes. */
const declined = 'User did not grant permission.'
const noProgram = /^Unable to find pkexec/
const noAgent = 'No polkit authentication agent found.'

export function elevator({ program, script, where, prompt }: Elevating): (order: Elevated) => Promise<void> {
  return (order) =>
    new Promise((resolve, reject) => {
      const command = elevatedCommand({ program, script, where }, order)
      prompt(command, { name: 'Edgewise', env: { ELECTRON_RUN_AS_NODE: '1' } }, (error, _stdout, stderr) => {
        if (!error) resolve()
        else reject(refusal(error, String(stderr ?? '')))
      })
    })
}

/** Folders go as hexadecimal digits: whatever their names are, the shell reads nothing into them. */
export function elevatedCommand({ program, script, where: { home, transport, configDir } }: Omit<Elevating, 'prompt'>, order: Elevated): string {
  for (const path of [program, script])
    if (/["$`\n]/.test(path))
      throw new Failure('failed', `Edgewise lies in a folder whose name a shell would misread: ${path}.`, 'Install it elsewhere, or run the command line as an administrator.')
  const hex = (folder: string) => Buffer.from(folder).toString('hex')
  const instance = configDir === null ? '' : ` --config-dir-hex ${hex(configDir)}`
  return `"${program}" "${script}" ${verbOf(order)} --transport ${transport} --home-hex ${hex(home)}${instance}`
}

function verbOf(order: Elevated): string {
  if ('service' in order) return `service ${order.service}`
  const { id, seal } = order
  if (!/^[0-9a-f-]{36}$/.test(id)) throw new Failure('bad-input', 'That is not the id of a change.')
  if (!/^[0-9a-f]{64}$/.test(seal)) throw new Failure('bad-input', 'That is not the seal of a change.')
  return `changes write-journalled ${id} ${seal}`
}

function refusal(error: Error, said: string): Failure {
  if (error.message === declined) return new Failure('needs-administrator', 'The administrator’s rights were declined, so nothing was changed.', 'Try again and agree, or ask an administrator.')
  if (error.message === noAgent || noProgram.test(error.message))
    return new Failure('needs-administrator', 'Nobody here can ask for an administrator’s rights (no authentication agent runs), so nothing was changed.', 'Run the command line as an administrator, or start an authentication agent.')
  return new Failure('failed', `The change could not be written with an administrator’s rights: ${said.trim() || error.message}`, 'Nothing was changed.')
}
