// Said once, when the console is closed for the first time: the transport service goes on.
import { useEffect, useState } from 'react'
import { Button } from 'react-aria-components'
import type { FailureValue } from '../../preload/contract/failure.ts'
import { edgewise, settled } from '../api.ts'
import { Dialog } from '../parts/Dialog.tsx'
import { Waiting } from '../parts/Waiting.tsx'

export default function ClosingDialog({ onStay }: { onStay(): void }) {
  const [doing, setDoing] = useState<'closing' | 'stopping' | null>(null)
  const [failure, setFailure] = useState<FailureValue | null>(null)
  // Only now that it is on the screen does the window wait for an answer.
  useEffect(() => void settled(edgewise.app.closingShown({})), [])

  const close = async (stopService: boolean) => {
    setDoing(stopService ? 'stopping' : 'closing')
    setFailure(null)
    const result = await settled(edgewise.app.close({ stopService }))
    if (result.ok) return
    setDoing(null)
    setFailure(result.error)
  }
  return (
    <Dialog
      title="Edgewise"
      className="closing"
      role="alertdialog"
      onClose={doing ? undefined : onStay}
      footer={
        <>
          <Button autoFocus className="default" isDisabled={doing !== null} onPress={() => void close(false)}>
            Close the console
          </Button>
          <Button isDisabled={doing !== null} onPress={() => void close(true)}>
            Stop the transport service and close
          </Button>
        </>
      }
    >
      <div className="dialog-body">
        <h3 className="instruction">The transport service keeps running</h3>
        <p>A mail service does not stop because its console was closed: it goes on taking and delivering mail. This is said only once.</p>
        {doing === 'stopping' && <Waiting>Stopping the transport service</Waiting>}
        {failure && (
          <p className="problem" role="alert">
            {failure.message} {failure.remedy}
          </p>
        )}
      </div>
    </Dialog>
  )
}
