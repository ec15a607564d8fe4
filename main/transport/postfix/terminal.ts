// A terminal for a program's errors: most of Postfix's programs tell them on a terminal, and otherwise to the log alone.
import { closeSync, constants, openSync, readSync } from 'node:fs'
import { createRequire } from 'node:module'
import { ReadStream } from 'node:tty'
import type * as Koffi from 'koffi'

export interface Terminal {
  /** The program's end. */
  fd: number
  /** Once the program has its end: this process lets go of it. */
  begun(): void
  /** All that was told until now; the terminal is closed. */
  close(): string
}

interface System {
  unlock(fd: number): number
  nameOf(fd: number, name: Buffer, length: number): number
}
let system: System | null | undefined

/** Null where koffi has nothing for this machine. */
function load(): System | null {
  try {
    const koffi = createRequire(import.meta.url)('koffi') as typeof Koffi
    const libc = koffi.load(null)
    return {
      unlock: libc.func('int unlockpt(int fd)') as System['unlock'],
      nameOf: libc.func('int ptsname_r(int fd, void *name, size_t length)') as System['nameOf'],
    }
  } catch {
    return null
  }
}

/** Errors beyond this are read and forgotten. */
const mostCharacters = 64 * 1024

/** Null where there is none to be had: then the log has to tell what was amiss. */
export function openTerminal(): Terminal | null {
  system ??= load()
  if (!system) return null
  let ours: number
  try {
    // Opened here and not by openpty(3): other children must not inherit it, and openpty(3) is not everywhere in libc.
    ours = openSync('/dev/ptmx', constants.O_RDWR | constants.O_NOCTTY)
  } catch {
    return null
  }
  let theirs: number
  try {
    const name = Buffer.alloc(128)
    if (system.unlock(ours) !== 0 || system.nameOf(ours, name, name.length) !== 0) throw new Error('there is no such terminal')
    theirs = openSync(name.toString('latin1', 0, name.indexOf(0)), constants.O_RDWR | constants.O_NOCTTY)
  } catch {
    closeSync(ours)
    return null
  }
  return new Errors(ours, theirs)
}

class Errors implements Terminal {
  readonly fd: number
  private readonly ours: number
  private readonly stream: ReadStream
  private readonly told: Buffer[] = []
  private characters = 0

  constructor(ours: number, theirs: number) {
    this.ours = ours
    this.fd = theirs
    this.stream = new ReadStream(ours)
    this.stream.on('data', (chunk: Buffer) => this.keep(chunk))
    // The kernel's way to say that nobody has the other end any more.
    this.stream.on('error', () => {})
  }

  begun(): void {
    closeSync(this.fd)
  }

  close(): string {
    // A grandchild may keep its end open, so the end of the stream is not waited for.
    const chunk = Buffer.alloc(4096)
    try {
      for (let length = 1; !this.stream.destroyed && length > 0; this.keep(Buffer.from(chunk.subarray(0, length)))) length = readSync(this.ours, chunk)
    } catch {
      // Nothing more, or nobody is there any more.
    }
    this.stream.destroy()
    return Buffer.concat(this.told).toString().replaceAll('\r\n', '\n')
  }

  private keep(chunk: Buffer): void {
    this.characters += chunk.length
    if (this.characters <= mostCharacters) this.told.push(chunk)
  }
}
