// The transcripts of what is shown: copied, or saved into a file.
import { create } from 'zustand'
import type { Spoken } from '../../preload/contract/smtp-test.ts'
import { transcript } from '../../preload/contract/smtp-transcript.ts'
import { edgewise, settled } from '../api.ts'
import { copyText } from '../parts/copy.ts'
import { count } from '../parts/format.ts'
import { askFile } from '../parts/saving.ts'
import { useHand, type Talk } from './hand.ts'
import { useTesting, type Row } from './testing.ts'

export type Tab = 'steps' | 'transcript' | 'hand'
export const useTab = create<{ tab: Tab }>(() => ({ tab: 'steps' }))

/** Of the row's guided dialogue, or where that is shown of the one by hand; null while nothing was said. */
export function spokenOf({ host, address, port, steps }: Row, talk: Talk | undefined, tab: Tab): Spoken | null {
  const said = tab === 'hand' ? (talk?.steps ?? []) : steps
  return said.length === 0 ? null : { host, address, port, steps: [...said] }
}

/** Of every dialogue that there was, guided or by hand. */
export function allSpoken(): Spoken[] {
  const { rows } = useTesting.getState()
  const { talks } = useHand.getState()
  return rows.flatMap((row) => (['steps', 'hand'] as const).flatMap((tab) => spokenOf(row, talks[row.key], tab) ?? []))
}

export const copy = (dialogues: readonly Spoken[]) => copyText(dialogues.map(transcript).join('\n'))

export const askWhere = (dialogues: readonly Spoken[]) =>
  askFile(useTesting.getState().server, {
    title: 'Save transcript',
    note: `${count(dialogues.length, 'dialogue')}, with the time of each line. Passwords are masked; addresses are not.`,
    name: 'SMTP test.txt',
    save: async (file) => {
      const result = await settled(edgewise.smtpTest.save({ file, dialogues: [...dialogues] }))
      return result.ok ? { ok: true, value: { files: [result.value.file] } } : result
    },
  })
