// The next usual steps of a dialogue by hand: each is put into the line, or asked for, and can be edited before it is sent.
import { useId, useState } from 'react'
import { Button } from 'react-aria-components'
import { asSaid, useForm, type Draft } from './form.ts'
import { say, type, type Talk } from './hand.ts'
import type { Row } from './testing.ts'

const sayings: readonly { name: string; text(draft: Draft, greeting: string): string }[] = [
  { name: 'EHLO', text: (_, greeting) => `EHLO ${greeting}` },
  { name: 'HELO', text: (_, greeting) => `HELO ${greeting}` },
  { name: 'STARTTLS', text: () => 'STARTTLS' },
  { name: 'MAIL FROM', text: ({ from }) => `MAIL FROM:<${asSaid(from)}>` },
  { name: 'RCPT TO', text: ({ recipient }) => `RCPT TO:<${asSaid(recipient)}>` },
  { name: 'RSET', text: () => 'RSET' },
  { name: 'QUIT', text: () => 'QUIT' },
]

/** What was said as greeting, or is proposed; the name of the form where there is one. */
function greetingOf({ helo }: Draft, { steps, next }: Talk): string {
  if (helo.trim() !== '') return helo.trim()
  const said = [...steps.map(({ sent }) => sent), next?.kind === 'line' ? next.text : null].map((line) => /^(?:EHLO|HELO) (\S+)/i.exec(line ?? '')?.[1])
  return said.find((name) => name !== undefined) ?? ''
}

export function UsualSteps({ row: { key }, talk, onPut }: { row: Row; talk: Talk; onPut(): void }) {
  const { draft } = useForm()
  const [form, setForm] = useState<'auth' | 'message' | null>(null)
  const greeting = greetingOf(draft, talk)
  const close = () => {
    setForm(null)
    onPut()
  }
  const next = talk.next?.kind
  return (
    <>
      <div className="smtp-usual" role="group" aria-label="Usual steps">
        {sayings.map(({ name, text }) => (
          <Button
            key={name}
            onPress={() => {
              type(key, text(draft, greeting))
              onPut()
            }}
          >
            {name}
          </Button>
        ))}
        <Button className={next === 'auth' ? 'default' : ''} aria-expanded={form === 'auth'} onPress={() => setForm(form === 'auth' ? null : 'auth')}>
          AUTH …
        </Button>
        <Button className={next === 'message' ? 'default' : ''} aria-expanded={form === 'message'} onPress={() => setForm(form === 'message' ? null : 'message')}>
          DATA …
        </Button>
      </div>
      {form === 'auth' && <Auth talkKey={key} draft={draft} isWaiting={talk.phase === 'waiting'} onDone={close} />}
      {form === 'message' && <Message talkKey={key} draft={draft} isWaiting={talk.phase === 'waiting'} onDone={close} />}
    </>
  )
}

interface StepForm {
  talkKey: string
  draft: Draft
  isWaiting: boolean
  onDone(): void
}

function Auth({ talkKey, draft, isWaiting, onDone }: StepForm) {
  const id = useId()
  const [user, setUser] = useState(draft.user)
  const [password, setPassword] = useState(draft.password)
  return (
    <form
      className="smtp-step-form"
      aria-label="AUTH"
      onSubmit={(event) => {
        event.preventDefault()
        void say(talkKey, { kind: 'auth', user, password })
        onDone()
      }}
    >
      <label htmlFor={`${id}-user`}>User:</label>
      <input id={`${id}-user`} type="text" spellCheck={false} autoComplete="off" autoFocus value={user} onChange={(event) => setUser(event.target.value)} />
      <label htmlFor={`${id}-password`}>Password:</label>
      <input id={`${id}-password`} type="password" autoComplete="off" value={password} onChange={(event) => setPassword(event.target.value)} />
      <Button type="submit" isDisabled={isWaiting || user === ''}>
        Send AUTH
      </Button>
      <p className="note">In the mechanism that the host offers, encoded for it.</p>
    </form>
  )
}

function Message({ talkKey, draft, isWaiting, onDone }: StepForm) {
  const id = useId()
  const [subject, setSubject] = useState(draft.subject)
  const [body, setBody] = useState(draft.body)
  return (
    <form
      className="smtp-step-form"
      aria-label="Message"
      onSubmit={(event) => {
        event.preventDefault()
        void say(talkKey, { kind: 'message', subject, body })
        onDone()
      }}
    >
      <label htmlFor={`${id}-subject`}>Subject:</label>
      <input id={`${id}-subject`} type="text" spellCheck={false} autoFocus value={subject} onChange={(event) => setSubject(event.target.value)} />
      <label htmlFor={`${id}-body`}>Text:</label>
      <textarea id={`${id}-body`} rows={3} spellCheck={false} value={body} onChange={(event) => setBody(event.target.value)} />
      <Button type="submit" isDisabled={isWaiting}>
        Send message
      </Button>
      <p className="note">DATA, and once the host waits for it this message with the final dot. It is mail, and will be delivered.</p>
    </form>
  )
}
