// The Properties dialog of an edge server: tabs, draft, and OK, Cancel and Apply as the original has them.
import { useState } from 'react'
import { Button, Tab, TabList, TabPanel, Tabs } from 'react-aria-components'
import type { DnsLookups as Saved } from '../../preload/contract/dns.ts'
import type { FailureValue } from '../../preload/contract/failure.ts'
import type { ServerId } from '../../preload/contract/server-id.ts'
import { edgewise, settled } from '../api.ts'
import { useRestart } from '../console/restart.ts'
import { Dialog } from '../parts/Dialog.tsx'
import { Failed } from '../parts/Failed.tsx'
import { Waiting } from '../parts/Waiting.tsx'
import { changesOf, useFollowed } from '../parts/follow.ts'
import { DnsLookups } from './DnsLookups.tsx'
import { General } from './General.tsx'
import { draftOf, isChanged, lookupsOf, problemOf, sameLookups, sideNames, type Draft } from './draft.ts'
import './properties.css'

const adaptersEach = 2000

interface Props {
  server: ServerId
  name: string
  onClose(): void
}

export default function Properties({ server, name, onClose }: Props) {
  const properties = useFollowed(server, () => edgewise.servers.properties({ server }), changesOf(server))
  const adapters = useFollowed(server, () => edgewise.adapters.list({ server }), each(adaptersEach))
  const now = properties.value?.server
  const [edited, setEdited] = useState<{ draft: Draft; saved: Saved } | null>(null)
  const [isSaving, setSaving] = useState(false)
  const [failure, setFailure] = useState<FailureValue | null>(null)

  const saved = now?.lookups ?? null
  // Where nothing of the administrator's is in the draft, it shows what is saved, whoever saved it.
  const isOwn = edited !== null && saved !== null && (isChanged(edited.draft, edited.saved) || sameLookups(edited.saved, saved))
  const draft = isOwn ? edited.draft : saved && draftOf(saved)
  const changed = draft !== null && saved !== null && isChanged(draft, saved)
  const problem = changed ? problemOf(draft) : null
  const changedElsewhere = changed && isOwn && !sameLookups(edited.saved, saved)
  const change = (next: Draft) => {
    if (saved) setEdited({ draft: next, saved: isOwn ? edited.saved : saved })
    setFailure(null)
  }

  const save = async (thenClose: boolean) => {
    if (!draft || isSaving) return
    setSaving(true)
    const result = await settled(edgewise.servers.setLookups({ server, lookups: lookupsOf(draft) }))
    if (!result.ok) {
      setSaving(false)
      return setFailure(result.error)
    }
    setEdited({ draft, saved: result.value })
    const after = await properties.again()
    setSaving(false)
    if (thenClose) onClose()
    if (after.ok && after.value.server.restartNeeded && after.value.server.service.state === 'running')
      useRestart.getState().offer(server, name)
  }

  const can = changed && problem === null && !isSaving
  return (
    <Dialog
      title={`${name} Properties`}
      className="properties"
      onClose={onClose}
      footer={
        <>
          <p className="reason" role="status">
            {failure ? `${failure.message} ${failure.remedy ?? ''}` : (problem ?? (changedElsewhere ? 'Changed elsewhere meanwhile: Apply puts yours in its place.' : ''))}
          </p>
          <Button isDisabled={isSaving || problem !== null} onPress={() => (changed ? void save(true) : onClose())}>
            OK
          </Button>
          <Button onPress={onClose}>Cancel</Button>
          <Button isDisabled={!can} onPress={() => void save(false)}>
            Apply
          </Button>
        </>
      }
    >
      {!now || !draft ? (
        <div className="not-yet">{properties.failure ? <Failed failure={properties.failure} /> : <Waiting>Reading the properties</Waiting>}</div>
      ) : (
        <Tabs className="tabs">
          <TabList aria-label={`${name} Properties`} render={(props) => <menu {...(props as object)} />}>
            {[['general', 'General'] as const, ['external', sideNames.external] as const, ['internal', sideNames.internal] as const].map(([id, label]) => (
              <Tab key={id} id={id} render={(props) => <button type="button" {...(props as object)} />}>
                {label}
              </Tab>
            ))}
          </TabList>
          <TabPanel id="general">
            <General server={now} name={name} />
          </TabPanel>
          {(['external', 'internal'] as const).map((side) => (
            <TabPanel key={side} id={side}>
              <DnsLookups
                server={server}
                side={side}
                draft={draft[side]}
                adapters={adapters.value?.adapters ?? null}
                inEffect={now.inEffect?.[side] ?? null}
                onDraft={(next) => change({ ...draft, [side]: next })}
                {...(side === 'external' && {
                  useExternalForInternet: {
                    isSet: draft.useExternalForInternet,
                    onSet: (isSet) => change({ ...draft, useExternalForInternet: isSet }),
                  },
                })}
              />
            </TabPanel>
          ))}
        </Tabs>
      )}
    </Dialog>
  )
}

const each = (milliseconds: number) => (again: () => void) => {
  const timer = setInterval(again, milliseconds)
  return () => clearInterval(timer)
}
