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
  /** Files (with the wildcards of a shell) and folders (with `/` at the end) that are to be read too. */
  sources: string[]
}

/** A line that ends in a backslash goes on in the next, save a comment, which is its own line and no more. */
export function interfacesIn(text: string): Interfaces {
  const found: Interfaces = { stanzas: [], sources: [] }
  let stanza: Stanza | null = null
  for (const line of text.replace(/^[ \t]*#.*$/gm, '').replace(/\\\r?\n/g, ' ').split('\n')) {
    const [key = '', ...values] = line.trim().split(/\s+/)
    if (key === '') continue
    if (key === 'iface') {
      const [adapter = '', version = '', method = ''] = values
      stanza = { adapter, method, version: version === 'inet6' ? 6 : 4, servers: [] }
      found.stanzas.push(stanza)
    } else if (key === 'source' || key === 'source-directory') {
      stanza = null
      found.sources.push(...values.map((path) => (key === 'source' ? path : join(path, '/'))))
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
    const isFolder = path.endsWith('/')
    const folder = isFolder ? path : dirname(path)
    const names = isFolder ? wholeFolder : /[*?]/.test(path) ? patternOf(basename(path)) : null
    const files = names ? await readFolder(join(root, folder), names) : [await readBounded(join(root, path))]
    for (const file of files) {
      const { stanzas: more, sources } = interfacesIn(file?.text ?? '')
      stanzas.push(...more)
      for (const source of sources) {
        const full = source.startsWith('/') ? source : join(folder, source)
        if (!wanted.includes(full)) wanted.push(full)
      }
    }
  }
  return stanzas
}

/** The only names that `source-directory` takes. */
const wholeFolder = /^[\w-]+$/

/** `*` and `?` of a shell; files that a package manager left aside (`.dpkg-old`) are none, as in ifupdown. */
const patternOf = (glob: string): RegExp =>
  new RegExp(`^(?!\\.)(?!.*(\\.dpkg-\\w+|~)$)${glob.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*').replaceAll('?', '.')}$`)
