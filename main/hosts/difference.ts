// Where two contents differ, found by whole blocks since mostly nearly all of them is the same.

const block = 64 * 1024

/** The first offset at which they differ; the length of the shorter one where that one begins the other. */
export function firstDifference(a: Buffer, b: Buffer): number {
  const length = Math.min(a.length, b.length)
  let at = 0
  while (at < length && a.compare(b, at, Math.min(at + block, length), at, Math.min(at + block, length)) === 0) at = Math.min(at + block, length)
  while (at < length && a[at] === b[at]) at += 1
  return at
}

/** How many bytes their ends have in common, of at most so many. */
export function commonEnd(a: Buffer, b: Buffer, most: number): number {
  let length = 0
  while (length + block <= most && a.compare(b, b.length - length - block, b.length - length, a.length - length - block, a.length - length) === 0) length += block
  while (length < most && a[a.length - 1 - length] === b[b.length - 1 - length]) length += 1
  return length
}
