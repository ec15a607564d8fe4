// Where something is saved.
import { Button, Input, Label, TextField } from 'react-aria-components'
import { Dialog } from './Dialog.tsx'
import { Failed } from './Failed.tsx'
import { closeSaving, save, useSaving } from './saving.ts'

export default function SaveDialog() {
  const { what, file, files, phase, failure } = useSaving()
  if (!what) return null
  const isSaved = phase === 'saved'
  return (
    <Dialog
      title={what.title}
      onClose={closeSaving}
      footer={
        <>
          {!isSaved && (
            <Button className="default" isDisabled={file.trim() === '' || phase === 'saving'} onPress={() => void save()}>
              Save
            </Button>
          )}
          <Button {...(isSaved ? { key: 'close', autoFocus: true, className: 'default' } : {})} onPress={closeSaving}>
            {isSaved ? 'Close' : 'Cancel'}
          </Button>
        </>
      }
    >
      <div className="dialog-body">
        {isSaved ? (
          <p role="status" className="selectable saved-as">
            Saved as {files.join(' and ')}
          </p>
        ) : (
          <form
            className="saving"
            onSubmit={(event) => {
              event.preventDefault()
              void save()
            }}
          >
            <p>{what.note}</p>
            <TextField autoFocus value={file} onChange={(next) => useSaving.setState({ file: next })}>
              <Label>File:</Label>
              <Input type="text" spellCheck={false} />
            </TextField>
          </form>
        )}
        {failure && <Failed failure={failure} />}
      </div>
    </Dialog>
  )
}
