// Postfix's lookup tables: asked by Postfix's own postmap, whatever their type.
import { readFile } from 'node:fs/promises'
import type { Instance } from './instance.ts'
import { listIn } from './instance.ts'
import { run } from './programs.ts'

/** Milliseconds: a table may be a database on another machine. */
const tableLimit = 5_000
/** More domains than anybody can look at. */
const mostKeys = 10_000

/** `type:name`, `proxy:type:name`. */
const isTable = (text: string) => /^[a-z_]+:/.test(text)

/** The domains that a list such as `relay_domains` names: itself, in files, and in tables whose keys can be listed. */
export async function domainsIn(instance: Instance, list: string | undefined, signal: AbortSignal): Promise<string[]> {
  const found = await Promise.all(partsOf(list).map((part) => domainsOf(instance, part, signal)))
  return [...new Set(found.flat())].slice(0, mostKeys)
}

async function domainsOf(instance: Instance, part: string, signal: AbortSignal): Promise<string[]> {
  // What is excluded, and patterns of addresses, are no domains that mail is taken for.
  if (part.startsWith('!')) return []
  if (part.startsWith('/')) {
    const text = await readFile(part, 'utf8').catch(() => '')
    return (await Promise.all(text.split('\n').filter((line) => !line.startsWith('#')).flatMap(partsOf).filter((one) => !one.startsWith('/')).map((one) => domainsOf(instance, one, signal)))).flat()
  }
  return isTable(part) ? keysOf(instance, part, signal) : isDomain(part) ? [part.replace(/^\./, '')] : []
}

/** Empty where a table cannot be listed (regexp, ldap, …) or not be read. */
async function keysOf({ configDir }: Instance, table: string, signal: AbortSignal): Promise<string[]> {
  const ran = await run('postmap', ['-s', table.replace(/^proxy:/, '')], { configDir, signal, limit: tableLimit })
  return ran.output.split('\n').flatMap((line) => line.split('\t')[0] || []).filter(isDomain)
}

/** No address of a user, and no pattern. */
const isDomain = (text: string) => /^\.?[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?$/i.test(text)

/** Key → value of those of the keys that one of the tables knows; the first table that knows one decides. */
export async function valuesIn({ configDir }: Instance, tables: string | undefined, keys: readonly string[], signal: AbortSignal): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  for (const table of partsOf(tables).filter(isTable)) {
    const open = keys.filter((key) => !found.has(key) && !/[\r\n]/.test(key))
    if (open.length === 0) break
    const ran = await run('postmap', ['-q', '-', table.replace(/^proxy:/, '')], { configDir, signal, limit: tableLimit, input: open.map((key) => `${key}\n`).join('') })
    for (const line of ran.output.split('\n')) {
      const [key = '', value] = line.split('\t')
      if (value !== undefined) found.set(key, value)
    }
  }
  return found
}

/** A part in braces is one, whatever is in it: `inline:{ {a=b}, {c=d} }`. */
export function partsOf(list = ''): string[] {
  const parts: string[] = []
  let [depth, part] = [0, '']
  for (const letter of list) {
    depth += letter === '{' ? 1 : letter === '}' ? -1 : 0
    if (depth <= 0 && /[\s,]/.test(letter)) {
      parts.push(part)
      part = ''
    } else part += letter
  }
  return depth === 0 && !/[{}]/.test(list) ? listIn(list) : [...parts, part].filter((one) => one !== '')
}
