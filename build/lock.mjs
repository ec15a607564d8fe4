// One setup at a time: a lock file with the holder's process id, which outlives a kill -9 without locking anyone out.
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { codeOf, fileFault, say } from './fault.mjs'

/** A holder that was killed between making the file and filling it leaves it empty; so does one just now at work. */
const emptyIsStaleAfter = 5_000

/** @type {Set<Lock>} */
const held = new Set()

/** When a process started, where the system tells: a process id is used again sooner or later. @param {number} pid */
function startOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}

/** @param {number} pid */
const identity = (pid) => ({ pid, start: startOf(pid) })

/** @param {{pid: number, start?: string}} who */
function runs(who) {
  try {
    process.kill(who.pid, 0)
  } catch (error) {
    if (codeOf(error) !== 'EPERM') return false
  }
  return who.start === undefined || startOf(who.pid) === who.start
}

/**
 * Whether the text of a lock file names a process that still runs, be it the holder or a child it left behind.
 * @param {string} text
 */
export function isHeld(text) {
  try {
    return JSON.parse(text).some(runs)
  } catch {
    return false
  }
}

export class Lock {
  /** @param {string} path */
  constructor(path) {
    this.path = path
    this.holders = [identity(process.pid)]
  }

  /** Names a child in the lock: killed alone, its parent leaves it running, and the next setup must wait for it. @param {number | undefined} pid */
  addChild(pid) {
    if (pid === undefined) return
    this.holders.push(identity(pid))
    writeFileSync(this.path, JSON.stringify(this.holders))
  }

  release() {
    held.delete(this)
    rmSync(this.path, { force: true })
  }
}

process.on('exit', () => held.forEach((lock) => lock.release()))

/** Makes a file that must not exist yet. @param {string} path @param {string} text */
function create(path, text) {
  try {
    writeFileSync(path, text, { flag: 'wx' })
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw fileFault(error, dirname(path))
  }
}

/** @param {string} path */
function isStale(path) {
  try {
    const text = readFileSync(path, 'utf8')
    if (text === '') return Date.now() - statSync(path).mtimeMs > emptyIsStaleAfter
    return !isHeld(text)
  } catch {
    return false
  }
}

/**
 * Removes a stale lock. Two that saw it stale must not remove each other's new one: only who holds the second file
 * may remove, and looks again before.
 * @param {string} path
 */
function removeStale(path) {
  const breaking = `${path}.breaking`
  try {
    closeSync(openSync(breaking, 'wx'))
  } catch {
    try {
      if (Date.now() - statSync(breaking).mtimeMs > emptyIsStaleAfter) rmSync(breaking, { force: true })
    } catch {
      // The other one has just finished.
    }
    return
  }
  if (isStale(path)) rmSync(path, { force: true })
  rmSync(breaking, { force: true })
}

/**
 * Takes the lock, waiting for whoever holds it.
 * @param {string} path
 * @param {string} waitingFor what to tell while waiting
 */
export async function takeLock(path, waitingFor) {
  try {
    mkdirSync(dirname(path), { recursive: true })
  } catch (error) {
    throw fileFault(error, dirname(path))
  }
  const lock = new Lock(path)
  for (let told = false; !create(path, JSON.stringify(lock.holders)); ) {
    if (isStale(path)) {
      removeStale(path)
    } else {
      if (!told) say(waitingFor)
      told = true
      await sleep(100)
    }
  }
  held.add(lock)
  return lock
}
