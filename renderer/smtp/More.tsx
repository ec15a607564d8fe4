// What is seldom changed: one host alone, the name that is said, port, TLS, the adapter that it comes from, time-outs, AUTH.
import { useId } from 'react'
import type { ServerId } from '../../preload/contract/server-id.ts'
import { tlsModes, type TlsMode } from '../../preload/contract/smtp-test.ts'
import { edgewise } from '../api.ts'
import { changesOf, useFollowed } from '../parts/follow.ts'
import { FormField } from './FormField.tsx'
import { write, type Draft, type Problems } from './form.ts'
import { tlsModeName } from './names.ts'

export function More({ server, draft, problems }: { server: ServerId; draft: Draft; problems: Problems }) {
  const id = useId()
  const { value: properties } = useFollowed(server, () => edgewise.servers.properties({ server }), changesOf(server))
  const port = draft.tls === 'implicit' ? '465' : '25'
  return (
    <div className="smtp-more" role="group" aria-label="More">
      <FormField field="helo" label="HELO name:" value={draft.helo} problem={problems.helo} placeholder={properties?.server.name ?? ''} />
      <FormField field="host" label="Only this host:" value={draft.host} problem={problems.host} placeholder="all mail hosts" />
      <FormField field="port" label="Port:" value={draft.port} problem={problems.port} placeholder={port} />
      <div className="smtp-field">
        <label htmlFor={`${id}-tls`}>TLS:</label>
        <select id={`${id}-tls`} value={draft.tls} onChange={(event) => write({ tls: event.target.value as TlsMode })}>
          {tlsModes.map((mode) => (
            <option key={mode} value={mode}>
              {tlsModeName[mode]}
            </option>
          ))}
        </select>
      </div>
      <Source server={server} chosen={draft.source} />
      <FormField field="connectTimeout" label="Connect limit (s):" value={draft.connectTimeout} problem={problems.connectTimeout} />
      <FormField field="replyTimeout" label="Reply limit (s):" value={draft.replyTimeout} problem={problems.replyTimeout} />
      <FormField field="user" label="AUTH, user:" value={draft.user} problem={problems.user} placeholder="empty: no AUTH" />
      <FormField field="password" label="AUTH, password:" value={draft.password} problem={problems.password} type="password" />
    </div>
  )
}

/** Plugged and pulled adapters come and go. */
const adapterChangesOf = (server: ServerId) => (again: () => void) =>
  edgewise.adapters.changed((change) => {
    if (change.server === server) again()
  })

function Source({ server, chosen }: { server: ServerId; chosen: string }) {
  const id = useId()
  const { value, failure } = useFollowed(server, () => edgewise.adapters.list({ server }), adapterChangesOf(server))
  const up = (value?.adapters ?? []).filter(({ state, addresses }) => state === 'up' && addresses.length > 0)
  return (
    <div className="smtp-field">
      <label htmlFor={id}>Source adapter:</label>
      <select id={id} data-field="source" value={chosen} onChange={(event) => write({ source: event.target.value })}>
        <option value="">The system chooses</option>
        {up.map(({ id: key, name, addresses }) => (
          <option key={key} value={key}>
            {`${name}  ${addresses.map((address) => address.replace(/\/\d+$/, '')).join(', ')}`}
          </option>
        ))}
        {chosen !== '' && !up.some(({ id: key }) => key === chosen) && <option value={chosen}>{value ? 'An adapter that is not there now' : '…'}</option>}
      </select>
      {failure && <p className="problem">{failure.message}</p>}
    </div>
  )
}
