// The row that is selected: its steps explained, the raw transcript, and a dialogue by hand.
import { useEffect, useRef } from 'react'
import { Tab, TabList, TabPanel, Tabs } from 'react-aria-components'
import { ByHand } from './ByHand.tsx'
import { Copying } from './Copying.tsx'
import { Lines } from './Lines.tsx'
import { StepShown } from './StepShown.tsx'
import { Transcript } from './Transcript.tsx'
import { VerdictMark } from './VerdictMark.tsx'
import { useHand } from './hand.ts'
import type { Row } from './testing.ts'
import { spokenOf, useTab, type Tab as TabName } from './transcripts.ts'

const tabNames: Record<TabName, string> = { steps: 'Steps', transcript: 'Transcript', hand: 'By hand' }

export function HostDetails({ row }: { row: Row }) {
  const { tab } = useTab()
  const talk = useHand(({ talks }) => talks[row.key])
  const { host, address, port, source, outcome, text, steps } = row
  const isBegun = steps.length > 0
  const nothing = <p className="note">{outcome === null ? 'Nothing was said yet.' : 'Nothing was said.'}</p>
  return (
    <section className="smtp-details" aria-label={`Dialogue with ${host} ${address}`}>
      <header>
        <h2 title={host}>{host}</h2>
        <span className="note">{`${address}, port ${port}${source === null ? '' : `, from ${source}`}`}</span>
        <Copying key={`${row.key} ${tab}`} spoken={spokenOf(row, talk, tab)} />
      </header>
      {outcome !== null && tab !== 'hand' && (
        <div className="smtp-outcome">
          <VerdictMark verdict={outcome} />
          <Lines lines={[text]} />
        </div>
      )}
      <Tabs className="tabs" selectedKey={tab} onSelectionChange={(key) => useTab.setState({ tab: key as TabName })}>
        <TabList aria-label="Dialogue" render={(props) => <menu {...(props as object)} />}>
          {Object.entries(tabNames).map(([id, label]) => (
            <Tab key={id} id={id} render={(props) => <button type="button" {...(props as object)} />}>
              {label}
            </Tab>
          ))}
        </TabList>
        <TabPanel id="steps">{isBegun ? <Steps row={row} /> : nothing}</TabPanel>
        <TabPanel id="transcript">{isBegun ? <Transcript label={`Transcript of ${host}`} steps={steps} explains={false} /> : nothing}</TabPanel>
        <TabPanel id="hand">
          <ByHand key={row.key} row={row} />
        </TabPanel>
      </Tabs>
    </section>
  )
}

function Steps({ row: { key, outcome, steps } }: { row: Row }) {
  const list = useRef<HTMLOListElement>(null)
  // What was decided is seen at once, with its remedy; what led to it stands above.
  useEffect(() => {
    if (outcome !== null && outcome !== 'accepted') [...(list.current?.querySelectorAll(`.smtp-step[data-verdict=${outcome}]`) ?? [])].at(-1)?.scrollIntoView({ block: 'nearest' })
  }, [key, outcome])
  return (
    <ol ref={list} className="smtp-steps">
      {steps.map((step, at) => (
        <StepShown key={at} step={step} />
      ))}
    </ol>
  )
}
