// What can be done, by who can do it.
import { Button } from 'react-aria-components'
import type { Diagnosis } from '../../preload/contract/diagnosis.ts'
import { CopyButton } from '../parts/CopyButton.tsx'
import { causeTitle, clickName, whoTitle, withTimes } from './names.ts'
import { askText } from './reports.ts'
import { remediesOf, type Offered } from './told.ts'
import { cure, useTroubleshooter } from './troubleshooter.ts'

export function Remedies({ diagnosis }: { diagnosis: Diagnosis }) {
  const groups = remediesOf(diagnosis)
  if (groups.length === 0) return null
  return (
    <section className="remedies" aria-label="What can be done">
      <h2>What can be done</h2>
      {groups.map(({ who, offered }) => (
        <section key={who} aria-label={whoTitle[who]}>
          <h3>{whoTitle[who]}</h3>
          <ul>
            {offered.map((one) => (
              <RemedyShown key={one.remedy.name + one.remedy.text} offered={one} />
            ))}
          </ul>
        </section>
      ))}
    </section>
  )
}

function RemedyShown({ offered: { remedy, causes } }: { offered: Offered }) {
  const isBusy = useTroubleshooter(({ phase }) => phase !== 'nothing')
  const click = clickName(remedy)
  const title = withTimes(remedy.title)
  const isForOthers = click === null && remedy.who !== 'wait' && remedy.text !== ''
  const isLikelyOnly = causes.every(({ proof }) => proof === 'likely')
  return (
    <li className="remedy">
      <h4>
        {title}
        <span className="cause-name selectable">{remedy.name}</span>
      </h4>
      <p className="note">
        Against {causes.map(({ name }) => `“${causeTitle[name]}”`).join(', ')}
        {isLikelyOnly ? ', which is not proven' : ''}.
      </p>
      {/* What goes to somebody else stands as it goes. */}
      {remedy.text !== '' && <p className="remedy-text selectable">{isForOthers ? remedy.text : withTimes(remedy.text)}</p>}
      {remedy.who === 'wait' && remedy.until === null && <p className="note">Nobody said until when.</p>}
      <div className="remedy-buttons">
        {click !== null && (
          <Button className={isLikelyOnly ? '' : 'default'} aria-label={`${click} ${title}`} isDisabled={isBusy} onPress={() => void cure(remedy)}>
            {click}
          </Button>
        )}
        {isForOthers && <CopyButton text={remedy.text} what={title} />}
        {remedy.who === 'the destination' && (
          <Button aria-label={`Save … ${title}`} onPress={() => void askText(remedy)}>
            Save …
          </Button>
        )}
      </div>
    </li>
  )
}
