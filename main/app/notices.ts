// What the console should say, until it is dismissed.
import type { Notice } from '../../preload/contract/app.ts'

const most = 20

export class Notices {
  #list: Notice[] = []
  #last = 0
  readonly #changed: (revision: number) => void

  constructor(changed: (revision: number) => void) {
    this.#changed = changed
  }

  get list(): Notice[] {
    return this.#list
  }

  /** The same sentence again takes the place of the first: a service that dies often is one notice. */
  add(level: Notice['level'], text: string): void {
    const rest = this.#list.filter((notice) => notice.text !== text)
    this.#list = [...rest, { id: String(++this.#last), level, text }].slice(-most)
    this.#changed(this.#last)
  }

  dismiss(id: string): void {
    this.#list = this.#list.filter((notice) => notice.id !== id)
    this.#changed(++this.#last)
  }
}
