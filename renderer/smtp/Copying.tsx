// Copies transcripts, or saves them into a file; what secret is in them is masked already.
import { useState } from 'react'
import { Button } from 'react-aria-components'
import type { Spoken } from '../../preload/contract/smtp-test.ts'
import { askWhere, copy } from './transcripts.ts'

export function Copying({ spoken }: { spoken: Spoken | null }) {
  const [copied, setCopied] = useState<number | null>(null)
  const dialogues = spoken ? [spoken] : []
  return (
    <div className="smtp-copying">
      <span role="status">{copied !== null && copied === spoken?.steps.length ? 'Copied' : ''}</span>
      <Button isDisabled={!spoken} onPress={() => setCopied(copy(dialogues) ? (spoken?.steps.length ?? null) : null)}>
        Copy transcript
      </Button>
      <Button isDisabled={!spoken} onPress={() => void askWhere(dialogues)}>
        Save transcript …
      </Button>
    </div>
  )
}
