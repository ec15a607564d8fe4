// Ends what a run left behind, found by a mark in the environment that every process of the run inherits (Linux).
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

export const markName = 'EDGEWISE_RUN'

/** @param {string} path */
function read(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** @param {string} mark */
function marked(mark) {
  if (process.platform !== 'linux') return []
  const wanted = `${markName}=${mark}`
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid && read(`/proc/${name}/environ`).split('\0').includes(wanted))
    .map((name) => ({ pid: Number(name), command: read(`/proc/${name}/cmdline`).replaceAll('\0', ' ').trim() }))
}

/**
 * Waits a moment for them to end by themselves, then ends them; gives the commands of those it had to end.
 * @param {string} mark
 */
export async function endLeftProcesses(mark) {
  for (let waited = 0; waited < 3_000 && marked(mark).length > 0; waited += 100) await sleep(100)
  const left = marked(mark)
  for (const { pid } of left) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended by itself.
    }
  }
  return left.map(({ command }) => command)
}
