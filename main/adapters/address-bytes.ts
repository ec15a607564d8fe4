// Addresses as kernels keep them, in the spelling of RFC 5952. Plain loops: a list of adapters has thousands of them.

/** `from` is where the address begins. */
export const ipv4Text = (bytes: Uint8Array, from = 0): string => `${bytes[from] ?? 0}.${bytes[from + 1] ?? 0}.${bytes[from + 2] ?? 0}.${bytes[from + 3] ?? 0}`

export function ipv6Text(bytes: Uint8Array, start = 0): string {
  const groups: number[] = []
  // The longest run of zeros, the first of several; a single one is written out.
  let from = 8
  let length = 1
  for (let at = 0, zeros = 0; at < 8; at += 1) {
    const group = ((bytes[start + at * 2] ?? 0) << 8) | (bytes[start + at * 2 + 1] ?? 0)
    groups.push(group)
    zeros = group === 0 ? zeros + 1 : 0
    if (zeros <= length) continue
    length = zeros
    from = at + 1 - zeros
  }
  let text = ''
  for (let at = 0; at < 8; at += 1) {
    if (at === from) {
      text += '::'
      at += length - 1
    } else text += `${text === '' || text.endsWith('::') ? '' : ':'}${groups[at]?.toString(16)}`
  }
  return text
}

export const macText = (bytes: Buffer): string => bytes.toString('hex').replace(/..(?=.)/g, '$&:')
