// Loaded before the command line in the kill tests: ends the process, or the service, at the very moment a step is told.
import { readFileSync } from 'node:fs'

const { EDGEWISE_TEST_KILL_AT: step, EDGEWISE_TEST_KILL_SERVICE: pidFile } = process.env
const write = process.stdout.write.bind(process.stdout)
let done = false
process.stdout.write = (/** @type {any} */ chunk, /** @type {any[]} */ ...rest) => {
  const told = write(chunk, ...rest)
  if (!done && typeof chunk === 'string' && chunk.includes(`"step":"${step}"`)) {
    done = true
    if (pidFile) killService(pidFile)
    else process.kill(process.pid, 'SIGKILL')
  }
  return told
}

/** @param {string} path the first word in it is the service's process id */
function killService(path) {
  try {
    const pid = Number(readFileSync(path, 'utf8').trim().split(/\s/)[0])
    // Zero would be this process's own group.
    if (pid > 0) process.kill(pid, 'SIGKILL')
  } catch {
    // At this step no service runs.
  }
}
