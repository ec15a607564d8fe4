// Files and sockets that a child gets without being meant to: Chromium leaves some of its own open for children, and
// who waits for their end would wait for the relay, which outlives the window.
import { closeSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { z } from 'zod'
import { fromJson } from '../../json.ts'

/** The environment variable that tells the child which. */
export const inheritedKey = 'EDGEWISE_INHERITED'

const own = '/proc/self/fd'
/** O_CLOEXEC in the octal flags of /proc/PID/fdinfo/FD (proc(5), open(2)). */
const closeOnExec = 0o2000000

/** What a child started now would inherit: number and what it leads to. Empty where the system does not tell. */
export function inheritable(): string[] {
  try {
    return readdirSync(own).flatMap((fd) => {
      if (Number(fd) <= 2) return []
      try {
        const flags = /^flags:\s*(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1]
        if (flags === undefined || (Number.parseInt(flags, 8) & closeOnExec) !== 0) return []
        const leads = readlinkSync(`${own}/${fd}`)
        // Only these have a number that nothing else has; and only at their end does anybody wait.
        return /^(socket|pipe):/.test(leads) ? [`${fd}=${leads}`] : []
      } catch {
        return []
      }
    })
  } catch {
    return []
  }
}

/** In the child: closes those of them that are still what they were. */
export function closeInherited(): void {
  const handles = z.array(z.string()).catch([]).parse(fromJson(process.env[inheritedKey] ?? ''))
  delete process.env[inheritedKey]
  for (const handle of handles) {
    const [fd = '', ...rest] = handle.split('=')
    try {
      if (readlinkSync(`${own}/${fd}`) === rest.join('=')) closeSync(Number(fd))
    } catch {
      // Not handed down after all.
    }
  }
}
