// The journal from the command line: what was changed, what was left open, and the way back.
import type { Verb } from './perform.ts'
import { changeInFull, changeText, follow, rolledBack } from './change.ts'
import { table, time } from './output.ts'

export const listChanges: Verb = async (core) => {
  const { changes } = await core.ask('changes', 'list', { server: 'local' })
  const rows = changes.map((change) => [change.id.slice(0, 8), time(change.began), change.state, change.words[0] ?? '–', change.reason ?? 'under way'])
  return { json: { changes }, text: rows.length === 0 ? 'Nothing was changed yet.' : table(['Change', 'Began', 'State', 'What', 'Why'], rows) }
}

export function showChange(id: string): Verb {
  return async (core) => {
    const found = await core.ask('changes', 'show', { server: 'local', id })
    return { json: found, text: changeInFull(found.change) }
  }
}

export const resumeChange: Verb = async (core) => {
  const found = await core.ask('changes', 'resume', { server: 'local' }, (told) => follow(core, told))
  // Where something was left, the opening of the core has brought it to its end already.
  const change = found.change ?? core.resumed
  return { json: { change }, text: change ? changeText(change) : 'No change was left open.' }
}

/** What the window runs with an administrator's rights. */
export function writeJournalled(id: string, seal: string): Verb {
  return async (core) => {
    await core.writeJournalled({ id, seal })
    return { json: { written: id }, text: 'Written.' }
  }
}

export function rollBackChange(id: string, { restart }: { restart?: true }): Verb {
  return async (core) => {
    const change = await core.ask('changes', 'rollBack', { server: 'local', id, restart: restart ?? false, by: 'edgewise changes rollback' }, (told) => follow(core, told))
    return { json: { change }, text: changeText(change), exitCode: change.state === 'rolled back' ? rolledBack : 0 }
  }
}
