// Messages of the D-Bus wire protocol (https://dbus.freedesktop.org/doc/dbus-specification.html): a method call with
// texts goes out, any value comes in. Bytes that make no sense end in an error here, never in more memory.

export type Value = number | bigint | string | boolean | Value[]

/** In bytes; the standard allows 128 MiB, which nobody needs to name a machine's DNS servers. */
export const mostBytes = 1024 * 1024
const headLength = 16
const deepest = 16

/** Where a message that has begun ends, in bytes; null while too little of it is there to know. Throws where it makes no sense. */
export function lengthOf(bytes: Buffer): number | null {
  if (bytes.length < headLength) return null
  const reader = new Reader(bytes)
  const body = reader.u32(4)
  const fields = reader.u32(12)
  if (bytes[3] !== 1 || body > mostBytes || fields > mostBytes) throw new Error('no message of D-Bus')
  return aligned(headLength + fields, 8) + body
}

export interface Reply {
  /** The serial of the call that it answers; 0 where it is no answer. */
  to: number
  /** The name of the error, where it is one. */
  error: string | null
  body: Value[]
}

const isError = 3
const field = { path: 1, interface: 2, member: 3, error: 4, replyTo: 5, destination: 6, signature: 8 } as const

/** A whole message. Throws where it makes no sense. */
export function replyIn(bytes: Buffer): Reply {
  const reader = new Reader(bytes)
  const fields = new Map<number, Value>()
  reader.at = 12
  for (const one of reader.value('a(yv)') as Value[][]) if (typeof one[0] === 'number' && one[1] !== undefined) fields.set(one[0], one[1])
  reader.at = aligned(reader.at, 8)
  const body: Value[] = []
  for (const type of typesIn(String(fields.get(field.signature) ?? ''))) body.push(reader.value(type))
  const replyTo = fields.get(field.replyTo)
  return { to: typeof replyTo === 'number' ? replyTo : 0, error: bytes[1] === isError ? String(fields.get(field.error) ?? '') : null, body }
}

export interface Call {
  destination: string
  path: string
  interface: string
  member: string
  /** All of them texts. */
  input: string[]
}

/** NO_AUTO_START: whoever does not run is not started to be asked. */
const noAutoStart = 2

export function callMessage(call: Call, serial: number): Buffer {
  const body = new Writer()
  for (const text of call.input) body.text(text)
  const fields = new Writer()
  const texts = [[field.path, 'o', call.path], [field.interface, 's', call.interface], [field.member, 's', call.member], [field.destination, 's', call.destination]] as const
  for (const [code, type, text] of texts) {
    fields.fieldHead(code, type)
    fields.text(text)
  }
  if (call.input.length > 0) {
    fields.fieldHead(field.signature, 'g')
    fields.signature('s'.repeat(call.input.length))
  }
  const head = Buffer.alloc(headLength)
  head.set([0x6c, 1, noAutoStart, 1])
  head.writeUInt32LE(body.length, 4)
  head.writeUInt32LE(serial, 8)
  head.writeUInt32LE(fields.length, 12)
  fields.align(8)
  return Buffer.concat([head, fields.bytes(), body.bytes()])
}

const aligned = (at: number, to: number) => Math.ceil(at / to) * to

class Writer {
  readonly #bytes: number[] = []

  get length(): number {
    return this.#bytes.length
  }

  bytes = (): Buffer => Buffer.from(this.#bytes)

  align(to: number): void {
    while (this.#bytes.length % to !== 0) this.#bytes.push(0)
  }

  text(text: string): void {
    const bytes = Buffer.from(text)
    const length = Buffer.alloc(4)
    length.writeUInt32LE(bytes.length)
    this.align(4)
    this.#bytes.push(...length, ...bytes, 0)
  }

  signature(text: string): void {
    this.#bytes.push(text.length, ...Buffer.from(text), 0)
  }

  fieldHead(code: number, type: string): void {
    this.align(8)
    this.#bytes.push(code)
    this.signature(type)
  }
}

/** `a(iiay)s` is the two types `a(iiay)` and `s`. */
function typesIn(signature: string): string[] {
  const types: string[] = []
  for (let at = 0; at < signature.length; ) {
    const end = endOfType(signature, at)
    types.push(signature.slice(at, end))
    at = end
  }
  return types
}

function endOfType(signature: string, from: number): number {
  let at = from
  while (signature[at] === 'a') at += 1
  if (signature[at] !== '(' && signature[at] !== '{') return at + 1
  for (let depth = 0; at < signature.length; at += 1) {
    if (signature[at] === '(' || signature[at] === '{') depth += 1
    else if (signature[at] === ')' || signature[at] === '}') depth -= 1
    if (depth === 0) return at + 1
  }
  throw new Error('no type of D-Bus')
}

const alignments: Record<string, number> = { y: 1, g: 1, v: 1, n: 2, q: 2, x: 8, t: 8, d: 8, '(': 8, '{': 8 }

class Reader {
  readonly #bytes: Buffer
  readonly #little: boolean
  #depth = 0
  at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
    this.#little = bytes[0] === 0x6c
  }

  u32(at: number): number {
    return this.#little ? this.#bytes.readUInt32LE(at) : this.#bytes.readUInt32BE(at)
  }

  /** Reading beyond the end throws, and so does what nests without end. */
  value(type: string): Value {
    this.at = aligned(this.at, alignments[type[0] ?? ''] ?? 4)
    if (++this.#depth > deepest) throw new Error('too deep')
    const value = this.#value(type)
    this.#depth -= 1
    return value
  }

  #value(type: string): Value {
    const bytes = this.#bytes
    switch (type[0]) {
      case 'y': return bytes.readUInt8(this.#next(1))
      case 'n': return this.#little ? bytes.readInt16LE(this.#next(2)) : bytes.readInt16BE(this.#next(2))
      case 'q': return this.#little ? bytes.readUInt16LE(this.#next(2)) : bytes.readUInt16BE(this.#next(2))
      case 'i': return this.#little ? bytes.readInt32LE(this.#next(4)) : bytes.readInt32BE(this.#next(4))
      case 'u': case 'h': return this.u32(this.#next(4))
      case 'b': return this.u32(this.#next(4)) !== 0
      case 'x': return this.#little ? bytes.readBigInt64LE(this.#next(8)) : bytes.readBigInt64BE(this.#next(8))
      case 't': return this.#little ? bytes.readBigUInt64LE(this.#next(8)) : bytes.readBigUInt64BE(this.#next(8))
      case 'd': return this.#little ? bytes.readDoubleLE(this.#next(8)) : bytes.readDoubleBE(this.#next(8))
      case 's': case 'o': return this.#text(this.u32(this.#next(4)))
      case 'g': return this.#text(bytes.readUInt8(this.#next(1)))
      case 'v': return this.value(this.#text(bytes.readUInt8(this.#next(1))))
      case 'a': return this.#array(type.slice(1))
      case '(': case '{': return typesIn(type.slice(1, -1)).map((one) => this.value(one))
      default: throw new Error('no type of D-Bus')
    }
  }

  #array(type: string): Value[] {
    const length = this.u32(this.#next(4))
    this.at = aligned(this.at, alignments[type[0] ?? ''] ?? 4)
    const end = this.at + length
    if (end > this.#bytes.length) throw new Error('cut off')
    const values: Value[] = []
    while (this.at < end) {
      const before = this.at
      values.push(this.value(type))
      // An empty structure would be read for ever.
      if (this.at === before) throw new Error('no type of D-Bus')
    }
    return values
  }

  #text(length: number): string {
    const from = this.#next(length + 1)
    if (from + length > this.#bytes.length) throw new Error('cut off')
    return this.#bytes.toString('utf8', from, from + length)
  }

  #next(length: number): number {
    const from = this.at
    this.at += length
    return from
  }
}
