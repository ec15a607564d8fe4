// An ordered list with a field: add, edit, remove, move. What may be added is its owner's to say.
import { useRef, type ReactNode } from 'react'
import { Button, FieldError, Input, Label, ListBox, ListBoxItem, TextField } from 'react-aria-components'

interface Props {
  label: string
  fieldLabel: string
  items: readonly string[]
  selected: number | null
  /** What stands in the field. */
  entry: string
  /** The place that the field's text replaces; null where it is added. */
  editing: number | null
  problem: string | null
  isDisabled: boolean
  /** What is to be said of an item, read aloud with it. */
  beside(item: string): ReactNode
  onEntry(text: string): void
  onSelect(at: number | null): void
  /** Adds the field's text, or puts it in the place that is edited. */
  onEnter(): void
  /** True where the pasted text was taken; otherwise it goes into the field. */
  onPaste(text: string): boolean
  onEdit(at: number): void
  onCancelEdit(): void
  onRemove(at: number): void
  onMove(at: number, to: number): void
}

export function ListEditor(props: Props) {
  const { items, selected, entry, editing, problem, isDisabled } = props
  const field = useRef<HTMLInputElement>(null)
  const list = useRef<HTMLDivElement>(null)
  const can = !isDisabled && selected !== null && editing === null
  const edit = () => {
    if (selected === null) return
    props.onEdit(selected)
    field.current?.focus()
  }
  // A button that has just disabled itself loses the focus to nowhere; the list is where it came from.
  const keepFocus = () => requestAnimationFrame(() => list.current?.focus())

  return (
    <div
      className="list-editor"
      data-disabled={isDisabled || undefined}
      onKeyDown={(event) => {
        if (event.key === 'Delete' && can && selected !== null && list.current?.contains(event.target as Node)) props.onRemove(selected)
      }}
    >
      <TextField className="list-field" value={entry} onChange={props.onEntry} isDisabled={isDisabled} isInvalid={problem !== null}>
        <Label className="unseen">{props.fieldLabel}</Label>
        <Input
          ref={field}
          type="text"
          spellCheck={false}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && entry.trim() !== '' && problem === null) props.onEnter()
            else if (event.key === 'Escape' && editing !== null) props.onCancelEdit()
            else return
            event.preventDefault()
            event.stopPropagation()
          }}
          onPaste={(event) => {
            if (props.onPaste(event.clipboardData.getData('text'))) event.preventDefault()
          }}
        />
        <FieldError className="field-error">{problem}</FieldError>
      </TextField>
      <ListBox
        ref={list}
        aria-label={props.label}
        className="list"
        selectionMode="single"
        selectionBehavior="replace"
        // Escape is the dialog's.
        escapeKeyBehavior="none"
        // By the text itself, of which there are no two: places change hands when the order changes.
        selectedKeys={items.filter((_, at) => at === selected)}
        disabledKeys={isDisabled ? items : []}
        onSelectionChange={(keys) => {
          const key = keys === 'all' ? undefined : [...keys][0]
          props.onSelect(key === undefined ? null : items.indexOf(String(key)))
        }}
        onAction={(key) => {
          props.onEdit(items.indexOf(String(key)))
          field.current?.focus()
        }}
      >
        {items.map((item) => (
          <ListBoxItem key={item} id={item} textValue={item}>
            {/* All of it is the option's name: where Enter acts on an option, React Aria drops its description. */}
            <span className="item">{item}</span> {props.beside(item)}
          </ListBoxItem>
        ))}
      </ListBox>
      <div className="list-buttons">
        <Button isDisabled={isDisabled || entry.trim() === '' || problem !== null} onPress={props.onEnter}>
          {editing === null ? 'Add' : 'Update'}
        </Button>
        <Button isDisabled={!can} onPress={edit}>
          Edit
        </Button>
        <Button
          isDisabled={!can}
          onPress={() => {
            if (selected !== null) props.onRemove(selected)
            if (items.length === 1) keepFocus()
          }}
        >
          Remove
        </Button>
        <span className="pair">
          <Button
            aria-label="Move up"
            isDisabled={!can || selected === 0}
            onPress={() => {
              if (selected !== null) props.onMove(selected, selected - 1)
              if (selected === 1) keepFocus()
            }}
          >
            ▲
          </Button>
          <Button
            aria-label="Move down"
            isDisabled={!can || selected === items.length - 1}
            onPress={() => {
              if (selected !== null) props.onMove(selected, selected + 1)
              if (selected === items.length - 2) keepFocus()
            }}
          >
            ▼
          </Button>
        </span>
      </div>
    </div>
  )
}
