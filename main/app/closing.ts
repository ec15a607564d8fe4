// Closing the window says once for each home folder that the transport service keeps running: a mail service does not
// stop because its console was closed.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Properties } from '../../preload/contract/servers.ts'

export const rememberedIn = 'window.json'

export interface ClosingParts {
  /** This machine's edge server; rejects where it cannot be asked. */
  local(): Promise<Properties>
  /** Has the view say it. */
  tell(): void
  /** Closes the window without asking again. */
  closeWindow(): void
  /** How long the core, and then the view, may take before the window closes all the same. */
  patience?: number
}

export class Closing {
  #state: 'open' | 'finding out' | 'telling' | 'told' | 'closed' = 'open'
  #timer: NodeJS.Timeout | undefined
  readonly #parts: Required<ClosingParts>

  constructor(parts: ClosingParts) {
    this.#parts = { patience: 3000, ...parts }
  }

  /** The window was asked to close: whether it may right now. If not, it closes later or the administrator decides. */
  mayClose(): boolean {
    if (this.#state === 'told') this.#state = 'closed'
    if (this.#state === 'closed') return true
    if (this.#state === 'open') void this.#findOut()
    return false
  }

  /** The view shows the sentence, and waits for the administrator. */
  shown(): void {
    if (this.#state !== 'telling') return
    clearTimeout(this.#timer)
    this.#state = 'told'
  }

  closeNow(): void {
    clearTimeout(this.#timer)
    if (this.#state === 'closed') return
    this.#state = 'closed'
    this.#parts.closeWindow()
  }

  async #findOut(): Promise<void> {
    this.#state = 'finding out'
    this.#closeAfterPatience()
    const mustTell = await this.#mustTell().catch(() => false)
    if (this.#state !== 'finding out') return
    if (!mustTell) return this.closeNow()
    this.#state = 'telling'
    this.#closeAfterPatience()
    this.#parts.tell()
  }

  async #mustTell(): Promise<boolean> {
    const { transport, service, home } = await this.#parts.local()
    if (transport !== 'embedded' || service.state !== 'running') return false
    const file = join(home, rememberedIn)
    const told = await readFile(file, 'utf8').then(
      () => true,
      (error: NodeJS.ErrnoException) => error.code !== 'ENOENT',
    )
    if (told) return false
    await writeFile(file, `${JSON.stringify({ saidThatServiceKeepsRunning: new Date().toISOString() })}\n`)
    return true
  }

  #closeAfterPatience(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.closeNow(), this.#parts.patience)
  }
}
