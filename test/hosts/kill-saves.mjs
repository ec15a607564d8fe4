// Saves two contents in turn over each of the files given, all at the same time, until it is killed:
// `kill-saves.mjs BUNDLE A B WRITTEN PATH…`; WRITTEN is only written in place again and again, without what a save does
// before and after. Before each it notes beside the file which of the two it leads to, as the journal does. Prints how
// many milliseconds the first save of each took, when all have had one.
import { once } from 'node:events'
import { openSync, readFileSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import 'koffi'

const [bundle = '', a = '', b = '', written = '', ...paths] = process.argv.slice(2)
const { readHostsFile, saveHosts, writeInPlace } = await import(pathToFileURL(bundle).href)
const contents = [a, b].map((file) => readFileSync(file))
process.stdout.write('ready')
await once(process.stdin, 'data')
// Its parent may die too, and then nobody kills it.
const until = Date.now() + 20_000
/** @param {string} path */
const save = async (path) => {
  const { hash, bytes } = await readHostsFile(path)
  const to = contents[0]?.equals(bytes) ? 1 : 0
  writeFileSync(`${path}.journal`, String(to))
  await saveHosts(path, contents[to], hash, { evenReadOnly: false })
}
const write = async () => {
  const fd = openSync(written, 'r+')
  for (let to = contents[0]?.equals(readFileSync(written)) ? 1 : 0; Date.now() < until; to = 1 - to) {
    writeFileSync(`${written}.journal`, String(to))
    await writeInPlace(fd, contents[1 - to], contents[to])
  }
}
const begun = performance.now()
await Promise.all(paths.map(save))
process.stdout.write(String(performance.now() - begun))
await Promise.all([
  write(),
  ...paths.map(async (path) => {
    while (Date.now() < until) await save(path)
  }),
])
