// Does the instance take mail? Only its banner says so; a process or an open port does not.
import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from '../../smtp/connect.ts'
import { Deadline } from '../../smtp/deadline.ts'
import type { World } from '../../world/world.ts'

interface At {
  address: string
  port: number
  reach: World['reach']
  signal: AbortSignal
}

/** Milliseconds: for one connection, and between two. */
const oneLimit = 2_000
const askAgain = 25

/** False where none came within the limit (milliseconds), or where nothing is there any more that could send one. */
export async function bannerComes(at: At, limit: number, lives: () => Promise<boolean>): Promise<boolean> {
  for (const end = performance.now() + limit; performance.now() < end; await sleep(askAgain, undefined, { signal: at.signal })) {
    if (await hasBanner(at)) return true
    if (!(await lives())) return false
  }
  return false
}

async function hasBanner({ address, port, reach, signal }: At): Promise<boolean> {
  const deadline = new Deadline()
  const { socket } = await connect({ address, port, source: null, limit: oneLimit, deadline, reach, signal })
  if (!socket) {
    deadline.end()
    return false
  }
  return new Promise((resolve) => {
    let heard = ''
    deadline.set(oneLimit, () => socket.destroy())
    socket.once('close', () => {
      deadline.end()
      resolve(false)
    })
    socket.on('data', (chunk: Buffer) => {
      heard += chunk.toString('latin1')
      if (heard.length < 3) return
      resolve(heard.startsWith('220'))
      // Not just gone: Postfix would note every such connection as one that was lost.
      socket.end('QUIT\r\n')
    })
  })
}
