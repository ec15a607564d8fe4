// A dialogue by hand, as in a telnet: each line is edited before it is sent, can be called back and repeated.
import { useEffect, useId, useRef, type KeyboardEvent } from 'react'
import { Button } from 'react-aria-components'
import { Failed } from '../parts/Failed.tsx'
import { Waiting } from '../parts/Waiting.tsx'
import { Announced } from '../parts/Announced.tsx'
import { Transcript } from './Transcript.tsx'
import { UsualSteps } from './UsualSteps.tsx'
import { connect, disconnect, isSecretNext, recall, say, type, useHand, type Talk } from './hand.ts'
import type { Row } from './testing.ts'

export function ByHand({ row }: { row: Row }) {
  const talk = useHand(({ talks }) => talks[row.key])
  const where = `${row.host} [${row.address}]:${row.port}`
  if (!talk)
    return (
      <div className="smtp-hand-begin">
        <p>Connects to {where} and stops after its banner. What is said then is yours: edit the proposed line, or type any other.</p>
        <Button className="default" onPress={() => void connect(row)}>
          Connect
        </Button>
      </div>
    )
  const last = talk.steps.at(-1)
  return (
    <div className="smtp-hand">
      <Transcript label={`Dialogue by hand with ${row.host}`} steps={talk.steps} explains />
      {talk.failure && <Failed failure={talk.failure} />}
      <Announced text={talk.phase === 'open' || talk.phase === 'closed' ? (last?.text ?? '') : ''} />
      {talk.phase === 'connecting' && <Waiting>{`Connecting to ${where}`}</Waiting>}
      {(talk.phase === 'open' || talk.phase === 'waiting') && <Prompt key={row.key} row={row} talk={talk} />}
      <div className="smtp-hand-foot">
        {talk.phase === 'closed' ? (
          <>
            <p>The connection is closed.</p>
            <Button autoFocus onPress={() => void connect(row)}>
              Connect again
            </Button>
          </>
        ) : (
          <Button onPress={() => disconnect(row.key)}>{talk.phase === 'connecting' ? 'Cancel' : 'Disconnect'}</Button>
        )}
      </div>
    </div>
  )
}

function Prompt({ row, talk }: { row: Row; talk: Talk }) {
  const { key } = row
  const id = useId()
  const field = useRef<HTMLInputElement>(null)
  const isWaiting = talk.phase === 'waiting'
  const isSecret = isSecretNext(talk)
  useEffect(() => field.current?.focus(), [])
  const press = (event: KeyboardEvent) => {
    if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return
    event.preventDefault()
    recall(key, event.key === 'ArrowUp' ? -1 : 1)
  }
  return (
    <>
      <form
        className="smtp-prompt"
        onSubmit={(event) => {
          event.preventDefault()
          void say(key, { kind: 'line', text: talk.line })
        }}
      >
        <label htmlFor={id}>{isSecret ? 'Secret line:' : 'Next line:'}</label>
        <input
          ref={field}
          id={id}
          type={isSecret ? 'password' : 'text'}
          spellCheck={false}
          autoComplete="off"
          aria-keyshortcuts="ArrowUp ArrowDown"
          title="The arrows up and down call back the lines that were sent."
          // Typed on while the reply is waited for; only sending has to wait.
          value={talk.line}
          onChange={(event) => type(key, event.target.value)}
          onKeyDown={press}
        />
        <Button type="submit" className="default" isDisabled={isWaiting}>
          {isWaiting ? 'Waiting …' : 'Send'}
        </Button>
      </form>
      <UsualSteps row={row} talk={talk} onPut={() => field.current?.focus()} />
    </>
  )
}
