// Asks the person at the terminal; anything but a yes is a no.
import { createInterface } from 'node:readline/promises'

export async function agreed(question: string, signal: AbortSignal): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `, { signal })).trim())
  } catch {
    return false
  } finally {
    terminal.close()
  }
}
