// Loaded before the command line in the kill tests: ends the process, or the relay, at the very moment a step is told.
import { readFileSync } from 'node:fs'

const { EDGEWISE_TEST_KILL_AT: step, EDGEWISE_TEST_KILL_LOCK: relayLock } = process.env
const write = process.stdout.write.bind(process.stdout)
let done = false
process.stdout.write = (/** @type {any} */ chunk, /** @type {any[]} */ ...rest) => {
  const told = write(chunk, ...rest)
  if (!done && typeof chunk === 'string' && chunk.includes(`"step":"${step}"`)) {
    done = true
    if (relayLock) killRelay(relayLock)
    else process.kill(process.pid, 'SIGKILL')
  }
  return told
}

/** @param {string} lock */
function killRelay(lock) {
  try {
    process.kill(Number(readFileSync(lock, 'utf8').split(' ')[0]), 'SIGKILL')
  } catch {
    // At this step no relay runs.
  }
}
