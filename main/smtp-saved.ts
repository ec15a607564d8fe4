// Transcripts of the SMTP test in a file of the administrator's choice.
import type { Spoken } from '../preload/contract/smtp-test.ts'
import { transcript } from '../preload/contract/smtp-transcript.ts'
import { saveNew } from './saved.ts'

export const saveTranscripts = (file: string, dialogues: Spoken[]): Promise<string> => saveNew(file, dialogues.map(transcript).join('\n'))
