// Addresses as kernels keep them, in the spelling of RFC 5952. Plain loops: a list of adapters has thousands of them.

export const ipv4Text = (bytes: Uint8Array): string => `${bytes[0] ?? 0}.${bytes[1] ?? 0}.${bytes[2] ?? 0}.${bytes[3] ?? 0}`

export function ipv6Text(bytes: Uint8Array): string {
  const group = (at: number) => ((bytes[at * 2] ?? 0) << 8) | (bytes[at * 2 + 1] ?? 0)
  // The longest run of zeros, the first of several; a single one is written out.
  let [from, length] = [8, 1]
  for (let at = 0; at < 8; at += 1) {
    let end = at
    while (end < 8 && group(end) === 0) end += 1
    if (end - at > length) [from, length] = [at, end - at]
    if (end > at) at = end
  }
  let text = ''
  for (let at = 0; at < 8; at += 1) {
    if (at === from) {
      text += '::'
      at += length - 1
    } else text += `${text === '' || text.endsWith('::') ? '' : ':'}${group(at).toString(16)}`
  }
  return text
}

export const macText = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(':')
