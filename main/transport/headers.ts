// The header lines of a message that lies in a file.
import { open } from 'node:fs/promises'

/** At most 64 KB of them; `dataStart` is where the message begins. */
export async function headersOf({ path, dataStart }: { path: string; dataStart: number }): Promise<string> {
  const handle = await open(path, 'r')
  try {
    const bytes = Buffer.alloc(64 * 1024)
    const { bytesRead } = await handle.read(bytes, 0, bytes.length, dataStart)
    return bytes.subarray(0, bytesRead).toString('utf8').split(/\r?\n\r?\n/)[0] ?? ''
  } finally {
    await handle.close()
  }
}
