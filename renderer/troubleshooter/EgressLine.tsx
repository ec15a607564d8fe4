// The address that destinations see, in one line, and its change.
import { useEffect } from 'react'
import { Button } from 'react-aria-components'
import type { ServerId } from '../../preload/contract/server-id.ts'
import { askEgress, changeEgress, leaveEgress, saveEgress, typeEgress, useEgress } from './egress.ts'

export function EgressLine({ server }: { server: ServerId }) {
  const { egress, typed, hasTyped, isSaving, failure } = useEgress()
  useEffect(() => void askEgress(server), [server])
  const problem = failure && (
    <p className="problem" role="alert" id="egress-problem">
      {failure.message} {failure.remedy}
    </p>
  )
  if (typed === null)
    return (
      <div className="egress-line">
        <p className="selectable">{egress?.text ?? ''}</p>
        <Button autoFocus={hasTyped} isDisabled={egress === null} aria-label={`${egress?.address === null ? 'Give' : 'Change'} the address that destinations see`} onPress={changeEgress}>
          {egress?.address === null ? 'Give it …' : 'Change …'}
        </Button>
        {problem}
      </div>
    )
  return (
    <form
      className="egress-line"
      aria-label="Address that destinations see"
      onSubmit={(event) => {
        event.preventDefault()
        void saveEgress(server)
      }}
      onKeyDown={(event) => event.key === 'Escape' && leaveEgress()}
    >
      <label htmlFor="egress-address">Destinations see mail come from:</label>
      <input id="egress-address" type="text" spellCheck={false} autoComplete="off" autoFocus value={typed} aria-describedby={failure ? 'egress-hint egress-problem' : 'egress-hint'} aria-invalid={failure !== null} onChange={(event) => typeEgress(event.target.value)} />
      <Button type="submit" isDisabled={isSaving}>
        Keep
      </Button>
      <Button onPress={leaveEgress}>Cancel</Button>
      <p id="egress-hint" className="note">
        Behind NAT the public one. Empty forgets what was given.
      </p>
      {problem}
    </form>
  )
}
