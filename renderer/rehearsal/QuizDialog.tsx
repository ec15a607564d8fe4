// The quiz: which cause it is, and once it is named whether it was right, with the evidence.
import { useEffect, useState } from 'react'
import { Button } from 'react-aria-components'
import type { Diagnosis } from '../../preload/contract/diagnosis.ts'
import { Dialog } from '../parts/Dialog.tsx'
import { Failed } from '../parts/Failed.tsx'
import { Icon } from '../parts/Icon.tsx'
import { Waiting } from '../parts/Waiting.tsx'
import { CauseShown } from '../troubleshooter/CauseShown.tsx'
import { titleOf } from '../troubleshooter/names.ts'
import { lookInto, useTroubleshooter } from '../troubleshooter/troubleshooter.ts'
import { answerQuiz, choices, closeQuiz, useQuiz, type Choice } from './quiz.ts'
import { askTroubleshooter, targetOf } from './rehearsal.ts'
import '../troubleshooter/troubleshooter.css'

const choiceName = (choice: Choice) => (choice === 'nothing' ? 'Nothing is wrong' : titleOf(choice))

export default function QuizDialog() {
  const { answered, isAsking, failure } = useQuiz()
  const [picked, setPicked] = useState<Choice>('nothing')
  return (
    <Dialog
      title="Quiz"
      className="quiz"
      onClose={closeQuiz}
      footer={
        answered ? (
          <>
            <Button
              onPress={() => {
                closeQuiz()
                askTroubleshooter()
              }}
            >
              Open the troubleshooter
            </Button>
            <Button key="close" autoFocus className="default" onPress={closeQuiz}>
              Close
            </Button>
          </>
        ) : (
          <>
            <Button className="default" isDisabled={isAsking} onPress={() => void answerQuiz(picked)}>
              Answer
            </Button>
            <Button isDisabled={isAsking} onPress={() => void answerQuiz(null)}>
              I give up
            </Button>
            <Button onPress={closeQuiz}>Cancel</Button>
          </>
        )
      }
    >
      <div className="dialog-body">
        {answered ? (
          <Answer />
        ) : (
          <form
            className="quiz-form"
            onSubmit={(event) => {
              event.preventDefault()
              void answerQuiz(picked)
            }}
          >
            <label htmlFor="quiz-cause">What keeps the mail from its destination?</label>
            <select
              id="quiz-cause"
              size={14}
              autoFocus
              value={picked}
              onChange={(event) => setPicked(choices.find((one) => one === event.target.value) ?? 'nothing')}
              onKeyDown={(event) => event.key === 'Enter' && void answerQuiz(picked)}
            >
              {choices.map((choice) => (
                <option key={choice} value={choice}>
                  {choiceName(choice)}
                </option>
              ))}
            </select>
            <p className="note">Where there are several causes, one of them is enough.</p>
          </form>
        )}
        {failure && <Failed failure={failure} />}
      </div>
    </Dialog>
  )
}

function Answer() {
  const { answered } = useQuiz()
  if (!answered) return null
  const { picked, isRight, expected } = answered
  return (
    <section className="quiz-answer" data-right={isRight}>
      <div role="status">
        <h3>
          <Icon name={picked === null ? 'information' : isRight ? 'done' : 'failed'} />
          {picked === null ? 'This is what it was' : `${isRight ? 'Right' : 'Not right'}: you said “${choiceName(picked)}”.`}
        </h3>
      </div>
      <p className="selectable">
        <strong>{expected.title}</strong>
      </p>
      <p className="selectable">{expected.story}</p>
      <p>{expected.causes.length === 0 ? 'Nothing is wrong here.' : `What is wrong: ${expected.causes.map((name) => `“${titleOf(name)}” (${name})`).join(', then ')}.`}</p>
      {expected.causes.length > 0 && <Evidence causes={expected.causes} />}
    </section>
  )
}

const shownOf = (diagnosis: Diagnosis | null, causes: readonly string[]) => diagnosis?.causes.filter(({ name, proof }) => proof !== 'ruled out' && causes.includes(name)) ?? []

/** By what the troubleshooter found before, where that shows it; else by what it finds now. */
function Evidence({ causes }: { causes: readonly string[] }) {
  const { server, diagnosis, phase, failure } = useTroubleshooter()
  const isHere = server === 'rehearsal'
  const shown = isHere ? shownOf(diagnosis, causes) : []
  useEffect(() => {
    const now = useTroubleshooter.getState()
    const isAtHand = now.server === 'rehearsal' && (now.phase !== 'nothing' || shownOf(now.diagnosis, causes).length > 0)
    if (!isAtHand) lookInto('rehearsal', targetOf())
  }, [causes])
  if (isHere && failure) return <Failed failure={failure} />
  if (!isHere || !diagnosis || phase !== 'nothing') return <Waiting>Gathering the evidence</Waiting>
  if (shown.length === 0) return <p className="note">Nothing of it is seen any more: it was put right meanwhile, or time has passed.</p>
  return (
    <ul className="causes" aria-label="Evidence">
      {shown.map((cause) => (
        <CauseShown key={cause.name + cause.domains.join(' ')} cause={cause} findings={diagnosis.findings} />
      ))}
    </ul>
  )
}
