// Reads the files in which programs of the system leave their state: bounded, and nothing where one cannot be read.
import { constants, existsSync } from 'node:fs'
import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'

/** Bytes that are read of one file, and files that are read of one folder. */
const mostBytes = 1024 * 1024
const mostFiles = 4096

export interface ReadFile {
  name: string
  text: string
  bytes: Buffer
  /** Milliseconds since 1970. */
  changed: number
}

/** The beginning of a file or, of one that grows at its end, the end. Null where it is no file or cannot be read. */
export async function readBounded(path: string, part: 'beginning' | 'end' = 'beginning'): Promise<Omit<ReadFile, 'name'> | null> {
  // Most are missing on any one machine, and to ask the pool of threads for each takes longer than all the rest.
  if (!existsSync(path)) return null
  try {
    // Without O_NONBLOCK, opening a pipe would wait for its writer.
    const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    try {
      const about = await handle.stat()
      if (!about.isFile()) return null
      const length = Math.min(about.size, mostBytes)
      const position = part === 'end' ? about.size - length : 0
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(length), 0, length, position)
      return { text: buffer.toString('utf8', 0, bytesRead), bytes: buffer.subarray(0, bytesRead), changed: about.mtimeMs }
    } finally {
      await handle.close()
    }
  } catch {
    return null
  }
}

/** The files of a folder whose names match, by name; none where there is no such folder. */
export async function readFolder(folder: string, names: RegExp, part: 'beginning' | 'end' = 'beginning'): Promise<ReadFile[]> {
  if (!existsSync(folder)) return []
  const listed = await readdir(folder).catch(() => [])
  const wanted = listed.filter((name) => names.test(name)).sort().slice(0, mostFiles)
  const read = await Promise.all(wanted.map(async (name) => ({ name, file: await readBounded(join(folder, name), part) })))
  return read.flatMap(({ name, file }) => (file ? [{ name, ...file }] : []))
}
