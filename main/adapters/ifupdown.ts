// What Debian's ifupdown was told of each adapter in interfaces(5), and what resolvconf(8) holds of it now.
import { basename, dirname, join } from 'node:path'
import { readBounded, readFolder } from './bounded-file.ts'

export interface Stanza {
  adapter: string
  /** `static`, `dhcp`, `manual` … */
  method: string
  version: 4 | 6
  servers: string[]
}

export interface Interfaces {
  stanzas: Stanza[]
  /** Files and folders that are to be read too. */
  sources: string[]
}

/** A line that ends in a backslash goes on in the next; a comment has its own line. */
export function interfacesIn(text: string): Interfaces {
  const found: Interfaces = { stanzas: [], sources: [] }
  let stanza: Stanza | null = null
  for (const line of text.replace(/\\\r?\n/g, ' ').split('\n')) {
    const [key = '', ...values] = line.trim().split(/\s+/)
    if (key === '' || key.startsWith('#')) continue
    if (key === 'iface') {
      const [adapter = '', version = '', method = ''] = values
      stanza = { adapter, method, version: version === 'inet6' ? 6 : 4, servers: [] }
      found.stanzas.push(stanza)
    } else if (key === 'source' || key === 'source-directory') {
      stanza = null
      if (values[0]) found.sources.push(key === 'source' ? values[0] : join(values[0], '*'))
    } else if (/^(auto|allow-.*|mapping|no-auto-down|no-scripts|rename|template)$/.test(key)) stanza = null
    else if (stanza && /^dns-nameservers?$/.test(key)) stanza.servers.push(...values)
  }
  return found
}

/** As many files as a machine may have; each is read once, so that a file that names itself ends too. */
const mostFiles = 256

export async function configuredInterfaces(root: string): Promise<Stanza[]> {
  const stanzas: Stanza[] = []
  const wanted = ['/etc/network/interfaces']
  for (let at = 0; at < Math.min(wanted.length, mostFiles); at += 1) {
    const path = wanted[at] ?? ''
    const folder = dirname(path)
    const texts = /[*?]/.test(path)
      ? (await readFolder(join(root, folder), patternOf(basename(path)))).map(({ text }) => text)
      : [(await readBounded(join(root, path)))?.text ?? '']
    for (const text of texts) {
      const { stanzas: more, sources } = interfacesIn(text)
      stanzas.push(...more)
      for (const source of sources) {
        const full = source.startsWith('/') ? source : join(folder, source)
        if (!wanted.includes(full)) wanted.push(full)
      }
    }
  }
  return stanzas
}

/** `*` and `?` of a shell; files that a package manager left aside (`.dpkg-old`) are none, as in ifupdown. */
const patternOf = (glob: string): RegExp =>
  new RegExp(`^(?!\\.)(?!.*(\\.dpkg-\\w+|~)$)${glob.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*').replaceAll('?', '.')}$`)
