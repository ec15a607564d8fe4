// A save in a process of its own: `saves.mjs BUNDLE PATH TEXT [UID]` writes TEXT over PATH, as that user where one is
// given, and prints what came of it. Its caller puts it where there are mounts.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { pathToFileURL } from 'node:url'
import 'koffi'

const [bundle = '', path = '', text = '', uid] = process.argv.slice(2)
const { readHostsFile, saveHosts } = await import(pathToFileURL(bundle).href)
if (uid !== undefined) {
  process.setgroups?.([])
  process.setgid?.(Number(uid))
  process.setuid?.(Number(uid))
}
/** @type {{ notes?: string[], failure?: { code: string, message: string, remedy?: string } }} */
const told = {}
let inode
try {
  const { hash, notes } = await readHostsFile(path)
  told.notes = notes
  inode = statSync(path).ino
  await saveHosts(path, Buffer.from(text === 'large' ? '10.0.0.1 large\n'.repeat(100_000) : text), hash, { evenReadOnly: true })
} catch (error) {
  if (!(error instanceof Error) || error.name !== 'Failure') throw error
  const { code, message, remedy } = /** @type {any} */ (error)
  told.failure = { code, message, remedy }
}
const stands = (() => {
  try {
    return { content: readFileSync(path, 'latin1'), sameFile: statSync(path).ino === inode, left: readdirSync(dirname(path)).filter((name) => name.includes('.edgewise-')) }
  } catch {
    return {}
  }
})()
console.log(JSON.stringify({ ...told, ...stands }))
