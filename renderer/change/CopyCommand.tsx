// The same change as a command. The window grants no page the clipboard, so what is copied is what is selected.
import { useId, useRef, useState } from 'react'
import { Button } from 'react-aria-components'

export function CopyCommand({ command, powershell }: { command: string; powershell: string | null }) {
  return (
    <div className="commands">
      <Line button="Copy as command" label="The same as a command" text={command} />
      {powershell !== null && <Line button="Copy as PowerShell" label="The same in the Exchange Management Shell" text={powershell} />}
    </div>
  )
}

function Line({ button, label, text }: { button: string; label: string; text: string }) {
  const field = useRef<HTMLInputElement>(null)
  const id = useId()
  const [copied, setCopied] = useState<string | null>(null)
  const copy = () => {
    field.current?.select()
    if (document.execCommand('copy')) setCopied(text)
  }
  return (
    <div className="command">
      <label htmlFor={id} className="unseen">
        {label}
      </label>
      <input ref={field} id={id} type="text" readOnly value={text} />
      <Button onPress={copy}>{button}</Button>
      <span role="status">{copied === text ? 'Copied' : ''}</span>
    </div>
  )
}
