// The Properties dialog of an edge server: tabs, draft, and OK, Cancel and Apply as the original has them. Nothing is
// saved from here: Apply opens the plan of a guarded change.
import { useState } from 'react'
import { Button, Tab, TabList, TabPanel, Tabs } from 'react-aria-components'
import type { ServerId } from '../../preload/contract/server-id.ts'
import { edgewise } from '../api.ts'
import { useChange } from '../change/change.ts'
import { Dialog } from '../parts/Dialog.tsx'
import { Failed } from '../parts/Failed.tsx'
import { Waiting } from '../parts/Waiting.tsx'
import { changesOf, useFollowed, type Hear } from '../parts/follow.ts'
import { DnsLookups, NotOffered } from './DnsLookups.tsx'
import { General } from './General.tsx'
import { Parameters } from './Parameters.tsx'
import { sideNames } from './draft.ts'
import { isOwn, isWholeChanged, parametersOn, sameSaved, wantedOf, wholeOf, wholeProblem, type Edited, type Whole } from './whole.ts'
import './properties.css'

const tabs = [
  ['general', 'General'],
  ['external', sideNames.external],
  ['internal', sideNames.internal],
  ['limits', 'Limits'],
  ['log', 'Log Settings'],
] as const

interface Props {
  server: ServerId
  name: string
  onClose(): void
}

export default function Properties({ server, name, onClose }: Props) {
  const properties = useFollowed(server, () => edgewise.servers.properties({ server }), changesOf(server))
  const adapters = useFollowed(server, () => edgewise.adapters.list({ server }), adaptersOf(server))
  const saved = properties.value?.server ?? null
  const [edited, setEdited] = useState<Edited | null>(null)

  const own = saved && isOwn(edited, saved) ? edited : null
  const draft = own?.draft ?? (saved && wholeOf(saved))
  const changed = draft !== null && saved !== null && isWholeChanged(draft, saved)
  const problem = changed ? wholeProblem(draft, saved) : null
  const changedElsewhere = changed && own !== null && !sameSaved(own.saved, saved)
  const change = (next: Partial<Whole>) => {
    if (saved && draft) setEdited({ draft: { ...draft, ...next }, saved: own?.saved ?? saved })
  }

  const apply = (thenClose: boolean) => {
    if (!draft || !saved) return
    useChange.getState().plan(wantedOf(draft, saved), {
      server,
      name,
      restart: saved.service.state === 'running',
      onEnded: async (kept) => {
        const after = await properties.again()
        // What was rolled back stays in the draft, to be corrected.
        if (kept && after.ok) setEdited({ draft, saved: after.value.server })
      },
      onClosed: (kept) => {
        if (thenClose && kept) onClose()
      },
    })
  }

  return (
    <Dialog
      title={`${name} Properties`}
      className="properties"
      onClose={onClose}
      footer={
        <>
          <p className="reason" role="status">
            {problem ?? (changedElsewhere ? 'Changed elsewhere meanwhile: Apply puts yours in its place.' : '')}
          </p>
          <Button isDisabled={problem !== null} onPress={() => (changed ? apply(true) : onClose())}>
            OK
          </Button>
          <Button onPress={onClose}>Cancel</Button>
          <Button isDisabled={!changed || problem !== null} onPress={() => apply(false)}>
            Apply
          </Button>
        </>
      }
    >
      {!saved || !draft ? (
        <div className="not-yet">{properties.failure ? <Failed failure={properties.failure} /> : <Waiting>Reading the properties</Waiting>}</div>
      ) : (
        <Tabs className="tabs">
          <TabList aria-label={`${name} Properties`} render={(props) => <menu {...(props as object)} />}>
            {tabs.filter(([id]) => id !== 'log' || parametersOn(saved, id).length > 0).map(([id, label]) => (
              <Tab key={id} id={id} render={(props) => <button type="button" {...(props as object)} />}>
                {label}
              </Tab>
            ))}
          </TabList>
          <TabPanel id="general">
            <General server={saved} name={name} />
          </TabPanel>
          {(['external', 'internal'] as const).map((side) => (
            <TabPanel key={side} id={side}>
              {side === 'external' && saved.capabilities.noExternal !== null ? (
                <NotOffered side={side} reason={saved.capabilities.noExternal} />
              ) : (
                <DnsLookups
                  server={server}
                  side={side}
                  draft={draft.lookups[side]}
                  adapters={adapters}
                  inEffect={saved.inEffect?.[side] ?? null}
                  capabilities={saved.capabilities}
                  onDraft={(next) => change({ lookups: { ...draft.lookups, [side]: next } })}
                  {...(side === 'external' && {
                    useExternalForInternet: {
                      isSet: draft.lookups.useExternalForInternet,
                      onSet: (isSet) => change({ lookups: { ...draft.lookups, useExternalForInternet: isSet } }),
                    },
                  })}
                />
              )}
            </TabPanel>
          ))}
          {(['limits', 'log'] as const).map((tab) => (
            <TabPanel key={tab} id={tab}>
              <Parameters parameters={parametersOn(saved, tab)} draft={draft[tab]} onDraft={(next) => change({ [tab]: next })} />
            </TabPanel>
          ))}
        </Tabs>
      )}
    </Dialog>
  )
}

const adaptersOf =
  (server: ServerId): Hear =>
  (again) =>
    edgewise.adapters.changed((change) => {
      if (change.server === server) again()
    })
