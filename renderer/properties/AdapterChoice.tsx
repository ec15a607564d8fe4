// "Use network card DNS settings": which adapter, and the DNS servers that come with it.
import { useEffect, useState } from 'react'
import { Button, Label, ListBox, ListBoxItem, Popover, Select, SelectValue, Text } from 'react-aria-components'
import type { Adapter, AdapterDetail } from '../../preload/contract/adapters.ts'
import type { ServerId } from '../../preload/contract/server-id.ts'
import { edgewise, settled } from '../api.ts'
import { speed } from '../parts/format.ts'
import { adapterOptions, choiceOfKey, keyOfChoice, serversOf } from './adapters.ts'
import type { ChosenAdapter } from './draft.ts'

interface Props {
  server: ServerId
  adapters: readonly Adapter[] | null
  chosen: ChosenAdapter
  isDisabled: boolean
  onChoose(chosen: ChosenAdapter): void
}

export function AdapterChoice({ server, adapters, chosen, isDisabled, onChoose }: Props) {
  const options = adapterOptions(adapters, chosen)
  const adapter = adapters?.find(({ id }) => id === chosen?.id)
  const shown = serversOf(adapters ?? [], chosen)
  const isMissing = adapters !== null && chosen !== null && !adapter
  const owner = chosen ? chosen.name : 'all available adapters'

  return (
    <div className="adapter-choice">
      <Select
        className="select"
        selectedKey={keyOfChoice(chosen)}
        disabledKeys={options.filter((option) => option.isDisabled).map(({ key }) => key)}
        isDisabled={isDisabled}
        onSelectionChange={(key) => {
          if (key !== null && key !== keyOfChoice(chosen)) onChoose(choiceOfKey(String(key), adapters ?? []))
        }}
      >
        <Label className="unseen">Network card</Label>
        <Button>
          <SelectValue />
          <span className="arrow" aria-hidden="true" />
        </Button>
        <Popover className="popover" offset={1}>
          <ListBox items={options} className="list options">
            {({ key, name, note }) => (
              <ListBoxItem id={key} textValue={note ? `${name}, ${note}` : name} className="option">
                <Text slot="label">{name}</Text>
                {note && <Text slot="description">{note}</Text>}
              </ListBoxItem>
            )}
          </ListBox>
        </Popover>
      </Select>
      <span className="adapter-detail">{adapter && <Detail key={adapter.id} server={server} adapter={adapter} />}</span>
      <p className="list-label" id={`servers-of-${owner}`}>
        {`DNS servers of ${owner}:`}
      </p>
      {/* Read, not chosen from: a list, which the keyboard can scroll. */}
      <ul className="list servers" tabIndex={0} aria-labelledby={`servers-of-${owner}`} data-disabled={isDisabled || undefined}>
        {shown.map(({ server: address, from }) => (
          <li key={address}>
            <span>{address}</span>
            <span className="from">{from}</span>
          </li>
        ))}
        {adapters !== null && shown.length === 0 && (
          <li className="empty">{isMissing ? 'This adapter is not in the machine now. The choice stays until you change it.' : 'No DNS servers.'}</li>
        )}
      </ul>
    </div>
  )
}

/** Make and speed take long to find out: they come when they come. */
function Detail({ server, adapter }: { server: ServerId; adapter: Adapter }) {
  const [detail, setDetail] = useState<AdapterDetail | null>(null)
  useEffect(() => {
    let isGone = false
    void settled(edgewise.adapters.detail({ server, id: adapter.id })).then((found) => {
      if (!isGone && found.ok) setDetail(found.value)
    })
    return () => {
      isGone = true
    }
  }, [server, adapter.id])

  const parts = [
    detail?.make ?? adapter.description,
    detail?.speed ? speed(detail.speed) : '',
    detail?.virtual ? 'virtual' : '',
  ]
  return parts.filter((part) => part !== '').join(', ')
}
