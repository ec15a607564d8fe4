// Watching files and what node knows of adapters, for all systems: nothing here asks more often than once in 2 s.
import { watch, type FSWatcher } from 'node:fs'
import { stat } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import { basename, dirname } from 'node:path'

export type Stop = () => void

/** Milliseconds: changes come in bursts, and who hears of one lists all adapters anew. */
const settle = 150
const longestSettle = 350
/** Milliseconds between two looks at what cannot be watched. */
export const lookEvery = 2000

/** Calls the listener once for a burst of calls, and no later than `longestSettle` after its first. */
export function settled(listener: () => void): { call(): void; stop: Stop } {
  let timer: NodeJS.Timeout | undefined
  let since = 0
  const fire = () => {
    timer = undefined
    listener()
  }
  return {
    call() {
      const now = performance.now()
      if (timer === undefined) since = now
      clearTimeout(timer)
      timer = setTimeout(fire, Math.max(0, Math.min(settle, since + longestSettle - now)))
      timer.unref()
    },
    stop: () => clearTimeout(timer),
  }
}

/** A file, or every file of a folder (a path that ends in `/`), also where it comes only later or is replaced. */
export function watchPlace(path: string, changed: () => void): Stop {
  const isFolder = path.endsWith('/')
  const folder = isFolder ? path : dirname(path)
  const name = isFolder ? null : basename(path)
  let watcher: FSWatcher | null = null
  let last: string | null = null

  const arm = () => {
    if (watcher) return
    try {
      const begun = watch(folder, { persistent: false }, (_event, file) => {
        if (name === null || file === null || file === name) changed()
      })
      begun.on('error', () => {
        begun.close()
        if (watcher === begun) watcher = null
      })
      watcher = begun
    } catch {
      watcher = null
    }
  }
  // A watch goes deaf where its folder is removed or made anew, and there may be none to be had (inotify's limit).
  const look = async () => {
    const [at, within] = await Promise.all([stat(folder).catch(() => null), name === null ? null : stat(path).catch(() => null)])
    const now = `${at?.ino} ${name === null ? at?.mtimeMs : `${within?.ino} ${within?.mtimeMs} ${within?.size}`}`
    const before = last
    last = now
    if (before !== null && before.split(' ')[0] !== now.split(' ')[0]) {
      watcher?.close()
      watcher = null
    }
    if (at) arm()
    if (before !== null && before !== now && !isStopped) changed()
  }
  let isStopped = false
  arm()
  void look()
  const timer = setInterval(() => void look(), lookEvery)
  timer.unref()
  return () => {
    isStopped = true
    clearInterval(timer)
    watcher?.close()
    watcher = null
  }
}

/** Looks at a text that says how things are, and calls when it is another. */
export function watchText(text: () => string | Promise<string>, changed: () => void): Stop {
  let last: string | null = null
  let isLooking = false
  const look = async () => {
    if (isLooking) return
    isLooking = true
    try {
      const now = await text()
      if (last !== null && last !== now) changed()
      last = now
    } catch {
      // It is looked at again.
    } finally {
      isLooking = false
    }
  }
  void look()
  const timer = setInterval(() => void look(), lookEvery)
  timer.unref()
  return () => clearInterval(timer)
}

/** Adapters as node knows them, and files: for systems that tell no more without a process. */
export function watchKnown(listener: () => void, files: string[]): Stop {
  const { call, stop } = settled(listener)
  const stops = [watchText(() => JSON.stringify(networkInterfaces()), call), ...files.map((file) => watchPlace(file, call)), stop]
  return () => stops.forEach((end) => end())
}
