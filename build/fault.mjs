// What a person at the terminal is told: faults with a clear sentence and an exit code, and progress on stderr.

/** A fault whose message is meant to be read as it stands; exit code 3 means that an administrator is needed. */
export class Fault extends Error {
  /** @param {string} message @param {number} [exitCode] */
  constructor(message, exitCode = 1) {
    super(message)
    this.name = 'Fault'
    this.exitCode = exitCode
  }
}

/** Progress goes to stderr, so that the stdout of a command stays clean for --json. @param {string} line */
export function say(line) {
  process.stderr.write(`${line}\n`)
}

/**
 * Runs what a build script is for, and ends the process as its fault says.
 * @param {() => Promise<number | void>} main
 */
export async function runAsProgram(main) {
  try {
    process.exitCode = (await main()) ?? 0
  } catch (error) {
    process.exitCode = error instanceof Fault ? error.exitCode : 1
    say(error instanceof Fault ? error.message : `${error instanceof Error ? error.stack : error}`)
  }
}

/** What the system called an error. @param {unknown} error */
export const codeOf = (error) => (error instanceof Error && 'code' in error ? error.code : undefined)

/**
 * Turns what the file system answered into a sentence; other errors pass unchanged.
 * @param {unknown} error
 * @param {string} place the folder that was written to
 */
export function fileFault(error, place) {
  const code = codeOf(error)
  if (code === 'ENOSPC' || code === 'EDQUOT') return new Fault(`The disk is full: no room left in ${place}. Free some space and run this again.`)
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return new Fault(`${place} cannot be written to. Give this user write access to it and run this again.`)
  return error
}
