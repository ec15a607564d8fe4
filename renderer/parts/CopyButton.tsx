// A button that copies a text and says so.
import { useState } from 'react'
import { Button } from 'react-aria-components'
import { copyText } from './copy.ts'

export function CopyButton({ text, what }: { text: string; what: string }) {
  const [copied, setCopied] = useState<string | null>(null)
  return (
    <>
      <Button aria-label={`Copy: ${what}`} onPress={() => setCopied(copyText(text) ? text : null)}>
        Copy
      </Button>
      <span role="status">{copied === text ? 'Copied' : ''}</span>
    </>
  )
}
