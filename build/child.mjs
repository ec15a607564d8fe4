// Child processes of the build scripts: captured or passed through, ended with their parent, each with a limit.
import { spawn } from 'node:child_process'

/** How long a child that was asked to end may take before it is killed. */
const graceBeforeKill = 5_000
/** @type {Partial<Record<NodeJS.Signals, number>>} */
const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }
const signals = /** @type {NodeJS.Signals[]} */ (Object.keys(exitCodes))

/** @type {Set<(signal: NodeJS.Signals) => void>} */
const running = new Set()
/** @type {number | undefined} */
let interrupted

/** @param {NodeJS.Signals} signal */
function passOn(signal) {
  interrupted = exitCodes[signal]
  for (const end of running) end(signal)
}

// Only while there are children: the command line runs in this same process later and has its own way to end.
/** @param {(signal: NodeJS.Signals) => void} end */
function add(end) {
  if (running.size === 0) for (const signal of signals) process.on(signal, passOn)
  running.add(end)
}

/** @param {(signal: NodeJS.Signals) => void} end */
function remove(end) {
  running.delete(end)
  if (running.size > 0) return
  for (const signal of signals) process.off(signal, passOn)
  if (interrupted !== undefined) process.exit(interrupted)
}

/**
 * @typedef {object} Options
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env]
 * @property {boolean} [capture] keep the output instead of showing it
 * @property {(text: string) => void} [onOutput] each piece of captured output
 * @property {number} [limit] milliseconds, after which the child is ended
 * @property {boolean} [ownGroup] in a process group of its own, which is ended whole
 * @property {boolean} [shell]
 * @property {boolean} [shareInput] the child reads our standard input
 * @property {import('./lock.mjs').Lock} [lock] the lock that must outlive this child
 *
 * @typedef {object} Outcome
 * @property {number} code 128 + something for a signal, 127 where the program does not exist
 * @property {string} output
 * @property {boolean} timedOut
 */

/**
 * @param {string} command
 * @param {string[]} args
 * @param {Options} [options]
 * @returns {Promise<Outcome>}
 */
export function run(command, args, options = {}) {
  const { cwd, env, capture = false, onOutput, limit, ownGroup = false, shell = false, shareInput = false, lock } = options
  return new Promise((resolve) => {
    const group = ownGroup && process.platform !== 'win32'
    const shown = capture ? 'pipe' : 'inherit'
    const child = spawn(command, args, { cwd, env, shell, detached: group, windowsHide: true, stdio: [shareInput ? 'inherit' : 'ignore', shown, shown] })
    let output = ''
    let timedOut = false
    /** @type {NodeJS.Timeout | undefined} */
    let killTimer

    /** @param {NodeJS.Signals} signal */
    const send = (signal) => {
      try {
        if (group && child.pid !== undefined) process.kill(-child.pid, signal)
        else child.kill(signal)
      } catch {
        // It has ended by itself.
      }
    }
    /** @param {NodeJS.Signals} signal */
    const end = (signal) => {
      send(signal)
      killTimer ??= setTimeout(send, graceBeforeKill, 'SIGKILL')
    }
    const limitTimer = limit === undefined ? undefined : setTimeout(() => {
      timedOut = true
      end('SIGTERM')
    }, limit)

    /** @param {number} code */
    const finish = (code) => {
      clearTimeout(limitTimer)
      clearTimeout(killTimer)
      // What the child started and left in its group goes with it.
      if (group) send('SIGKILL')
      resolve({ code, output, timedOut })
      remove(end)
    }
    add(end)
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
        output += text
        onOutput?.(text)
      })
    }
    child.on('spawn', () => lock?.addChild(child.pid))
    child.on('error', (error) => {
      output += error.message
      if (child.pid === undefined) finish(127)
    })
    // A grandchild that keeps the pipes open must not keep us waiting, hence "exit"; output is complete on "close".
    child.on(capture ? 'close' : 'exit', (/** @type {number | null} */ code, /** @type {NodeJS.Signals | null} */ signal) => finish(code ?? (signal === null ? undefined : exitCodes[signal]) ?? 137))
  })
}

/**
 * Runs npm, the one that runs us where there is one.
 * @param {string[]} args
 * @param {Options} [options]
 */
export function runNpm(args, options) {
  const own = process.env.npm_execpath
  if (own?.endsWith('npm-cli.js')) return run(process.execPath, [own, ...args], options)
  // npm is a .cmd file on Windows, which only a shell can start.
  return process.platform === 'win32' ? run('npm.cmd', args, { ...options, shell: true }) : run('npm', args, options)
}
