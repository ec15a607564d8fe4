// Which of the hosts file's dialogs is open: a form, and above it a question that a save has asked.
import { create } from 'zustand'
import type { HostsEdit, HostsFile } from '../../preload/contract/hosts.ts'
import type { ServerId } from '../../preload/contract/server-id.ts'

/** What was read when the form was opened: it is this that is edited. */
export interface Subject {
  server: ServerId
  file: Pick<HostsFile, 'hash' | 'readOnly' | 'hidden'>
}

export interface EntryDraft {
  address: string
  /** As they are typed: separated by spaces or commas. */
  names: string
  comment: string
  /** Where it comes from, and what is known of it; of suggestions alone. */
  hint: string | null
  isWanted: boolean
}

export type Form =
  /** `line`: the entry that is edited; null where one is added. */
  | { kind: 'entry'; subject: Subject; line: number | null; after: number | null; drafts: readonly EntryDraft[]; text: string | null }
  /** One line of words: a group's name, a comment, a whole line. */
  | { kind: 'words'; subject: Subject; title: string; label: string; text: string; hint: string; editOf(text: string): HostsEdit }
  | { kind: 'undo'; server: ServerId }
  | { kind: 'check'; server: ServerId }

/** One edit on its way to the file. */
export interface Saving extends Subject {
  edit: HostsEdit
  evenReadOnly: boolean
  /** It was agreed to as a diff already. */
  isAgreed: boolean
  onSaved?: (() => void) | undefined
}

export type Question = { kind: 'read-only'; file: Subject['file']; write(): void } | { kind: 'compare'; saving: Saving }

interface Forms {
  form: Form | null
  question: Question | null
}

export const useForms = create<Forms>(() => ({ form: null, question: null }))

export const openForm = (form: Form) => useForms.setState({ form })
export const closeForm = () => useForms.setState({ form: null })
export const ask = (question: Question) => useForms.setState({ question })
export const closeQuestion = () => useForms.setState({ question: null })

export const emptyDraft: EntryDraft = { address: '', names: '', comment: '', hint: null, isWanted: true }
