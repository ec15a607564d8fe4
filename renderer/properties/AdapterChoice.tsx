// "Use network card DNS settings": which adapter, the DNS servers that come with it, their health, and what to beware of.
import { useEffect, useId, useState } from 'react'
import { Button, Label, ListBox, ListBoxItem, Popover, Select, SelectValue, Text } from 'react-aria-components'
import type { AdapterDetail, ListedAdapter } from '../../preload/contract/adapters.ts'
import type { LookupSide } from '../../preload/contract/dns.ts'
import type { FailureValue } from '../../preload/contract/failure.ts'
import type { ServerId } from '../../preload/contract/server-id.ts'
import { edgewise, settled } from '../api.ts'
import { Icon } from '../parts/Icon.tsx'
import { speed } from '../parts/format.ts'
import { HealthShown } from './HealthShown.tsx'
import { adapterOptions, adviceOf, choiceOfKey, keyOfChoice, serversOf, type AdapterOption } from './adapters.ts'
import type { ChosenAdapter } from './draft.ts'
import type { Health } from './health.ts'

interface Props {
  server: ServerId
  side: LookupSide
  adapters: readonly ListedAdapter[] | null
  /** Why they could not be listed, or not again. */
  failure: FailureValue | null
  health: Health
  chosen: ChosenAdapter
  isDisabled: boolean
  onChoose(chosen: ChosenAdapter): void
}

export function AdapterChoice({ server, side, adapters, failure, health, chosen, isDisabled, onChoose }: Props) {
  const label = useId()
  const options = adapterOptions(adapters, chosen, side)
  const selected = options.find(({ key }) => key === keyOfChoice(chosen))
  const adapter = adapters?.find(({ id }) => id === chosen?.id)
  const shown = serversOf(adapters ?? [], chosen)

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
          <SelectValue>
            <span slot="label">{selected?.name}</span> {selected?.note && <span slot="description">{selected.note}</span>}
          </SelectValue>
          <span className="arrow" aria-hidden="true" />
        </Button>
        <Popover className="popover" offset={1}>
          <ListBox items={options} className="list options">
            {(option) => (
              <ListBoxItem id={option.key} textValue={option.note ? `${option.name}, ${option.note}` : option.name} className="option adapter-option">
                <Text slot="label">{option.name}</Text>
                <OptionNotes option={option} health={health} />
              </ListBoxItem>
            )}
          </ListBox>
        </Popover>
      </Select>
      <span className="adapter-detail">{adapter && <Detail key={adapter.id} server={server} adapter={adapter} />}</span>
      <p className="list-label" id={label}>
        {`DNS servers of ${adapter?.name ?? chosen?.name ?? 'all available adapters'}:`}
      </p>
      {/* Read, not chosen from: a list, which the keyboard can scroll. */}
      <ul className="list servers" tabIndex={0} aria-labelledby={label} data-disabled={isDisabled || undefined}>
        {shown.map(({ server: address, from }) => (
          <li key={address}>
            <span className="address">{address}</span> <HealthShown health={health} server={address} /> <span className="from">{from}</span>
          </li>
        ))}
        {adapters !== null && shown.length === 0 && <li className="empty">No DNS servers.</li>}
        {failure && <li className="empty problem">{failure.message}</li>}
      </ul>
      <ul className="advice" aria-label="What to know of this choice" aria-live="polite">
        {!isDisabled &&
          adviceOf(adapters, chosen, side).map(({ level, text }) => (
            <li key={text} data-level={level}>
              <Icon name={level === 'warning' ? 'warning' : 'information'} />
              <span>{text}</span>
            </li>
          ))}
      </ul>
    </div>
  )
}

/** Under its name: the address, and a row of its DNS servers with their health. */
function OptionNotes({ option: { note, servers, warnings }, health }: { option: AdapterOption; health: Health }) {
  if (note === '') return null
  return (
    <Text slot="description" className="option-notes">
      <span className="option-note">{note}</span>
      {warnings.map((warning) => (
        <span key={warning} className="option-warning">
          {' '}
          <Icon name="warning" />
          {warning}
        </span>
      ))}
      {servers.map((server) => (
        <span key={server} className="option-server">
          {' '}
          <span className="address">{server}</span> <HealthShown health={health} server={server} />
        </span>
      ))}
    </Text>
  )
}

/** Make and speed take long to find out: they come when they come. */
function Detail({ server, adapter }: { server: ServerId; adapter: ListedAdapter }) {
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
