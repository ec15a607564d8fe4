// What the hosts file's forms share: OK by button or Enter, Cancel, and the sentence of what is wrong.
import type { ReactNode } from 'react'
import { Button } from 'react-aria-components'
import { Dialog } from '../parts/Dialog.tsx'
import { closeForm } from './forms.ts'

export function FormDialog({ title, problem, onEnter, children }: { title: string; problem: string | null; onEnter(): void; children: ReactNode }) {
  return (
    <Dialog
      title={title}
      className="entry-form"
      onClose={closeForm}
      footer={
        <>
          <Button className="default" onPress={onEnter}>
            OK
          </Button>
          <Button onPress={closeForm}>Cancel</Button>
        </>
      }
    >
      <form
        className="dialog-body"
        onSubmit={(event) => {
          event.preventDefault()
          onEnter()
        }}
      >
        {children}
        <p className="problem" role="alert">
          {problem}
        </p>
        <button type="submit" hidden />
      </form>
    </Dialog>
  )
}
