// One tab for each side, External and Internal DNS Lookups, with the original dialog's words.
import { useId } from 'react'
import { Button, Label, ListBox, ListBoxItem, Popover, Select, SelectValue } from 'react-aria-components'
import type { ListedAdapter } from '../../preload/contract/adapters.ts'
import type { InEffect, LookupSide } from '../../preload/contract/dns.ts'
import type { Capabilities } from '../../preload/contract/servers.ts'
import type { ServerId } from '../../preload/contract/server-id.ts'
import type { Followed } from '../parts/follow.ts'
import { ListEditor } from '../parts/ListEditor.tsx'
import { inEffectText, protocolName } from '../parts/names.ts'
import { AdapterChoice } from './AdapterChoice.tsx'
import { HealthShown } from './HealthShown.tsx'
import { useHealth, type AskedHealth } from './asking.ts'
import { cancelEdit, edit, enter, entryProblem, move, paste, remove, sideNames, typed, type SideDraft } from './draft.ts'

interface Props {
  server: ServerId
  side: LookupSide
  draft: SideDraft
  adapters: Followed<{ adapters: ListedAdapter[] }>
  inEffect: InEffect | null
  capabilities: Capabilities
  /** External only: the Internet send connector's own setting. */
  useExternalForInternet?: { isSet: boolean; onSet(isSet: boolean): void }
  onDraft(draft: SideDraft): void
}

export function DnsLookups({ server, side, draft, adapters, inEffect, capabilities: { protocols, protocolsText }, useExternalForInternet, onDraft }: Props) {
  const name = useId()
  const listed = adapters.value?.adapters ?? null
  const health = useHealth(server, listed, draft.servers)
  const usesServers = draft.uses === 'servers'
  const use = (uses: SideDraft['uses']) => onDraft({ ...draft, uses })

  return (
    <div className="lookups">
      <div role="radiogroup" aria-label={sideNames[side]} className="sources">
        <input type="radio" id={`${name}-adapter`} name={name} checked={!usesServers} onChange={() => use('adapter')} />
        <label htmlFor={`${name}-adapter`}>Use network card DNS settings:</label>
        <div className="under-radio">
          <AdapterChoice
            server={server}
            side={side}
            adapters={listed}
            failure={adapters.failure}
            health={health}
            chosen={draft.adapter}
            isDisabled={usesServers}
            onChoose={(adapter) => onDraft({ ...draft, adapter })}
          />
        </div>
        <input type="radio" id={`${name}-servers`} name={name} checked={usesServers} onChange={() => use('servers')} />
        <label htmlFor={`${name}-servers`}>Use these DNS servers:</label>
        <div className="under-radio">
          <ListEditor
            label="DNS servers, in the order in which they are asked"
            fieldLabel="Address of a DNS server"
            items={draft.servers}
            selected={draft.selected}
            entry={draft.entry}
            editing={draft.editing}
            problem={usesServers ? entryProblem(draft) : null}
            isDisabled={!usesServers}
            beside={(address) => <HealthShown health={health} server={address} />}
            onEntry={(text) => onDraft(typed(draft, text))}
            onSelect={(selected) => onDraft({ ...draft, selected })}
            onEnter={() => onDraft(enter(draft))}
            onPaste={(text) => {
              const pasted = paste(draft, text)
              if (pasted) onDraft(pasted)
              return pasted !== null
            }}
            onEdit={(at) => onDraft(edit(draft, at))}
            onCancelEdit={() => onDraft(cancelEdit(draft))}
            onRemove={(at) => onDraft(remove(draft, at))}
            onMove={(at, to) => onDraft(move(draft, at, to))}
          />
        </div>
      </div>
      <HealthLine health={health} />
      <div className="lookups-foot">
        <Select
          className="select protocol"
          selectedKey={draft.protocol}
          onSelectionChange={(key) => {
            const protocol = protocols.find((one) => one === key)
            if (protocol) onDraft({ ...draft, protocol })
          }}
        >
          <Label>Protocol:</Label>
          <Button>
            <SelectValue />
            <span className="arrow" aria-hidden="true" />
          </Button>
          <Popover className="popover" offset={1}>
            <ListBox className="list options">
              {protocols.map((protocol) => (
                <ListBoxItem key={protocol} id={protocol} className="option">
                  {protocolName[protocol]}
                </ListBoxItem>
              ))}
            </ListBox>
          </Popover>
        </Select>
        <p className="in-effect">
          In effect now: <InEffectNow inEffect={inEffect} />
        </p>
      </div>
      {protocolsText && <p className="hint protocols">{protocolsText}</p>}
      {useExternalForInternet && <ForInternet {...useExternalForInternet} />}
    </div>
  )
}

/** The same controls where the transport has no such lookups, with the reason. */
export function NotOffered({ side, reason }: { side: LookupSide; reason: string }) {
  const id = useId()
  return (
    <div className="lookups">
      <div role="radiogroup" aria-label={sideNames[side]} aria-describedby={`${id}-reason`} className="sources none">
        {['Use network card DNS settings:', 'Use these DNS servers:'].map((label) => (
          <div key={label}>
            <input type="radio" id={`${id}-${label}`} disabled />
            <label htmlFor={`${id}-${label}`}>{label}</label>
          </div>
        ))}
      </div>
      <p className="not-offered" id={`${id}-reason`}>
        {reason}
      </p>
    </div>
  )
}

/** What all of them come to, read aloud once a round and not with each answer. */
function HealthLine({ health: { outcome, isAsking, failure, again } }: { health: AskedHealth }) {
  return (
    <div className="health-line">
      <p>
        <span aria-live="polite" className={failure ? 'problem' : undefined}>
          {failure?.message ?? outcome}
        </span>
        {isAsking && <span className="note"> Asking the DNS servers…</span>}
      </p>
      <Button onPress={again}>Ask again</Button>
    </div>
  )
}

function InEffectNow({ inEffect }: { inEffect: InEffect | null }) {
  if (!inEffect) return 'nothing, since the transport service does not run.'
  return (
    <>
      <span className="selectable">{inEffectText(inEffect)}</span>
      {inEffect.problem && <span className="problem"> {inEffect.problem}</span>}
    </>
  )
}

function ForInternet({ isSet, onSet }: { isSet: boolean; onSet(isSet: boolean): void }) {
  const id = useId()
  return (
    <div className="for-internet">
      <input
        type="checkbox"
        id={id}
        checked={isSet}
        aria-describedby={`${id}-hint`}
        onChange={(event) => onSet(event.target.checked)}
      />
      <label htmlFor={id}>Use the External DNS Lookups settings on the transport server</label>
      <p className="hint" id={`${id}-hint`}>
        Set on the Internet send connector. Unless it is set, Internet mail asks the internal DNS lookups.
      </p>
    </div>
  )
}
