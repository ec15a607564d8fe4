// In the actions pane: what can be done with the SMTP test and its dialogues.
import { useState } from 'react'
import { Action } from '../parts/Action.tsx'
import { connect, useHand } from './hand.ts'
import { cancel, lookUp, startTest, useTesting } from './testing.ts'
import { allSpoken, askWhere, copy, useTab } from './transcripts.ts'

export default function SmtpActions() {
  const { phase, rows, selected } = useTesting()
  const { talks } = useHand()
  const [copied, setCopied] = useState(0)
  const row = rows.find(({ key }) => key === selected)
  const said = allSpoken()
  const talk = row && talks[row.key]
  const byHand = () => {
    if (!row) return
    useTab.setState({ tab: 'hand' })
    if (!talk || talk.phase === 'closed') void connect(row)
  }
  return (
    <section aria-label="SMTP Test">
      <h3>SMTP Test</h3>
      <ul>
        {phase === 'nothing' ? <Action icon="start" label="Test all hosts" onPress={() => void startTest()} /> : <Action icon="stop" label="Cancel" isDisabled={phase === 'cancelling'} onPress={cancel} />}
        <Action icon="check" label="Look up" isDisabled={phase !== 'nothing'} onPress={() => void lookUp()} />
        <Action icon="smtp" label="Talk by hand" isDisabled={!row} onPress={byHand} />
        <Action icon="text" label="Copy all transcripts" isDisabled={said.length === 0} onPress={() => setCopied(copy(said) ? said.length : 0)} />
        <Action icon="down" label="Save all transcripts …" isDisabled={said.length === 0} onPress={() => void askWhere(said)} />
      </ul>
      <p role="status" className="unseen">
        {copied > 0 ? 'Copied' : ''}
      </p>
    </section>
  )
}
