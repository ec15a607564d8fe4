// What is handed on: the report, and the ready text for somebody else, as files.
import type { Remedy } from '../../preload/contract/diagnosis.ts'
import { edgewise } from '../api.ts'
import { askFile } from '../parts/saving.ts'
import { useTroubleshooter } from './troubleshooter.ts'

/** Beside this machine's own edge server: the folder of a rehearsal ends with it. */
const place = 'local'

export function askReport(): Promise<void> {
  const { server, target } = useTroubleshooter.getState()
  return askFile(place, {
    title: 'Save report',
    note: 'Two files of this name, .html to read and .json: what was found, its evidence, the settings in effect and the queues before and after. Mail addresses and paths are made unrecognisable.',
    name: 'diagnosis.html',
    save: (file) => edgewise.diagnosis.save({ server, target, remedy: null, file }),
  })
}

export function askText({ name, title }: Remedy): Promise<void> {
  const { server, target } = useTroubleshooter.getState()
  return askFile(place, {
    title: 'Save text',
    note: `${title}: the text as it is shown. Mail addresses stand in it.`,
    name: 'text.txt',
    save: (file) => edgewise.diagnosis.save({ server, target, remedy: { name, title }, file }),
  })
}
