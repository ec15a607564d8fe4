// Where the lines of the hosts file begin: two numbers of bytes a line and no object, since block lists have 200,000.
import { EOL } from 'node:os'
import type { HostsFile } from '../../preload/contract/hosts.ts'
import { encodingOf, unitOf, type Encoding } from './encoding.ts'

const newline = 0x0a
const carriageReturn = 0x0d

/** Lines are counted from 1. The byte order mark belongs to none of them, so that no edit moves or removes it. */
export class LineIndex {
  readonly bytes: Buffer
  readonly encoding: Encoding
  readonly mark: Buffer
  private readonly unit: 1 | 2
  private starts: Uint32Array
  /** Lines found so far: what lies behind the line that is asked for is not looked through. */
  private found = 0
  private next: number

  constructor(bytes: Buffer) {
    this.bytes = bytes
    const { encoding, mark } = encodingOf(bytes)
    this.encoding = encoding
    this.mark = mark
    this.unit = unitOf(encoding)
    this.next = mark.length
    this.starts = new Uint32Array(1024 + (bytes.length >> 4))
  }

  get count(): number {
    this.find(Infinity)
    return this.found
  }

  has(line: number): boolean {
    this.find(line)
    return line <= this.found
  }

  start(line: number): number {
    this.find(line)
    return line <= this.found ? (this.starts[line - 1] ?? 0) : this.bytes.length
  }

  private find(line: number): void {
    const { bytes } = this
    while (this.found < line && this.next < bytes.length) {
      if (this.found === this.starts.length) {
        const more = new Uint32Array(this.starts.length * 2)
        more.set(this.starts)
        this.starts = more
      }
      this.starts[this.found++] = this.next
      const after = this.unit === 1 ? bytes.indexOf(newline, this.next) + 1 : this.afterWide(this.next)
      this.next = after === 0 ? bytes.length : after
    }
  }

  /** The whole line, its ending included; a view. */
  line(line: number): Buffer {
    return this.bytes.subarray(this.start(line), this.start(line + 1))
  }

  /** How many lines end at this offset or before. */
  endedBy(offset: number): number {
    let [low, high] = [0, this.count]
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.start(middle + 1) <= offset) low = middle
      else high = middle - 1
    }
    return low
  }

  /** In UTF-16, a last byte that is half a letter: whatever came behind it would be read shifted by a byte. */
  get isCut(): boolean {
    return (this.bytes.length - this.mark.length) % this.unit !== 0
  }

  /** Where the line ends before its ending. */
  end(line: number): number {
    const [start, next] = [this.start(line), this.start(line + 1)]
    if (next - start < this.unit || (next - start) % this.unit !== 0 || this.at(next - this.unit) !== newline) return next
    const end = next - this.unit
    return end - start >= this.unit && this.at(end - this.unit) === carriageReturn ? end - this.unit : end
  }

  content(line: number): Buffer {
    return this.bytes.subarray(this.start(line), this.end(line))
  }

  /** `\r\n`, `\n`, or nothing as the last line may have. */
  ending(line: number): '\r\n' | '\n' | '' {
    const units = (this.start(line + 1) - this.end(line)) / this.unit
    return units === 0 ? '' : units === 1 ? '\n' : '\r\n'
  }

  get lineEndings(): HostsFile['lineEndings'] {
    const { lf, crlf } = this.endings()
    if (lf > 0 && crlf > 0) return 'mixed'
    return crlf > 0 ? 'CRLF' : lf > 0 ? 'LF' : 'none'
  }

  /** What a new line ends with: as most do, or as this system's do where none has an ending. */
  get newEnding(): string {
    const { lf, crlf } = this.endings()
    if (lf === 0 && crlf === 0) return EOL
    return crlf > lf ? '\r\n' : '\n'
  }

  private endings(): { lf: number; crlf: number } {
    const ended = this.count === 0 || this.ending(this.count) !== '' ? this.count : this.count - 1
    if (!this.bytes.includes(carriageReturn)) return { lf: ended, crlf: 0 }
    let crlf = 0
    for (let line = 1; line <= ended; line += 1) if (this.ending(line) === '\r\n') crlf += 1
    return { lf: ended - crlf, crlf }
  }

  private at(offset: number): number {
    if (this.unit === 1) return this.bytes[offset] ?? 0
    return this.encoding === 'UTF-16 LE' ? this.bytes.readUInt16LE(offset) : this.bytes.readUInt16BE(offset)
  }

  /** Behind the next line feed of two bytes, or 0: such a byte is part of other letters too. */
  private afterWide(start: number): number {
    for (let from = start; ; ) {
      const found = this.bytes.indexOf(newline, from)
      if (found === -1) return 0
      const offset = found - (found % 2)
      if (offset + 2 <= this.bytes.length && this.at(offset) === newline) return offset + 2
      from = found + 1
    }
  }
}
