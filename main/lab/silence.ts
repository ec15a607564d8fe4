// A place where connections time out, on loopback: nothing answers, not even with a refusal.
import { createConnection, type Socket } from 'node:net'
import { Worker } from 'node:worker_threads'

export interface Silence {
  readonly port: number
  stop(): Promise<void>
}

/** Of the listening socket; Linux takes one more. */
const backlog = 1
/** As many more are tried as other systems may take. */
const fillers = backlog + 15

/** A thread that listens and then sleeps for good, so that nobody ever accepts. */
const program = `
  const { createServer } = require('node:net')
  const { parentPort } = require('node:worker_threads')
  const server = createServer()
  server.listen({ port: 0, host: '127.0.0.1', backlog: ${backlog} }, () => {
    parentPort.postMessage(server.address().port)
    setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0))
  })`

/**
 * The kernel completes as many connections as the backlog has room for, and drops every further SYN without a word.
 * So the room is taken by connections of our own first; whoever comes then waits until its patience ends, as before a
 * firewall that drops.
 */
export async function openSilence(): Promise<Silence> {
  const worker = new Worker(program, { eval: true })
  const port = await new Promise<number>((done, failed) => {
    worker.once('message', done)
    worker.once('error', failed)
  })
  worker.unref()
  const filling: Socket[] = []
  for (let count = 0; count < fillers; count += 1) {
    const socket = createConnection(port, '127.0.0.1')
    socket.on('error', () => {})
    socket.unref()
    filling.push(socket)
    if (!(await connected(socket))) break
  }
  return {
    port,
    async stop() {
      for (const socket of filling) socket.destroy()
      await worker.terminate()
    },
  }
}

/** Milliseconds in which loopback would have connected many times. */
const patience = 150

function connected(socket: Socket): Promise<boolean> {
  return new Promise((done) => {
    const timer = setTimeout(() => done(false), patience)
    socket.once('connect', () => {
      clearTimeout(timer)
      done(true)
    })
  })
}
