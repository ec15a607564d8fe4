// Carries out a journalled change with an administrator's rights: this same program, one verb, one id
// and the seal of what was shown. The window itself never runs elevated, and no word of the user's is in the command.
import { Failure } from '../../preload/contract/failure.ts'
import type { Order } from '../edgewise.ts'

/** `exec` of @vscode/sudo-prompt. */
export type Prompt = (
  command: string,
  options: { name: string; env: Record<string, string> },
  done: (error?: Error, stdout?: string | Buffer, stderr?: string | Buffer) => void,
) => void

export interface Elevating {
  program: string
  script: string
  home: string
  prompt: Prompt
}

/** What @vscode/sudo-prompt says, word for word (its index.js); it has no codes. */
const declined = 'User did not grant permission.'
const noProgram = /^Unable to find pkexec/
const noAgent = 'No polkit authentication agent found.'

export function elevator({ program, script, home, prompt }: Elevating): (order: Order) => Promise<void> {
  return (order) =>
    new Promise((resolve, reject) => {
      const command = elevatedCommand({ program, script, home }, order)
      prompt(command, { name: 'Edgewise', env: { ELECTRON_RUN_AS_NODE: '1' } }, (error, _stdout, stderr) => {
        if (!error) resolve()
        else reject(refusal(error, String(stderr ?? '')))
      })
    })
}

/** The home folder goes as hexadecimal digits: whatever its name is, the shell reads nothing into it. */
export function elevatedCommand({ program, script, home }: Omit<Elevating, 'prompt'>, { id, seal }: Order): string {
  if (!/^[0-9a-f-]{36}$/.test(id)) throw new Failure('bad-input', 'That is not the id of a change.')
  if (!/^[0-9a-f]{64}$/.test(seal)) throw new Failure('bad-input', 'That is not the seal of a change.')
  for (const path of [program, script])
    if (/["$`\n]/.test(path))
      throw new Failure('failed', `Edgewise lies in a folder whose name a shell would misread: ${path}.`, 'Install it elsewhere, or run the command line as an administrator.')
  return `"${program}" "${script}" changes write-journalled ${id} ${seal} --home-hex ${Buffer.from(home).toString('hex')}`
}

function refusal(error: Error, said: string): Failure {
  if (error.message === declined) return new Failure('needs-administrator', 'The administrator’s rights were declined, so nothing was changed.', 'Try again and agree, or ask an administrator.')
  if (error.message === noAgent || noProgram.test(error.message))
    return new Failure('needs-administrator', 'Nobody here can ask for an administrator’s rights (no authentication agent runs), so nothing was changed.', 'Run the command line as an administrator, or start an authentication agent.')
  return new Failure('failed', `The change could not be written with an administrator’s rights: ${said.trim() || error.message}`, 'Nothing was changed.')
}
