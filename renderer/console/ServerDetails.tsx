// Below the list: which DNS lookups are in effect, whether a restart is due, and what waits with its last error.
import { Button } from 'react-aria-components'
import type { InEffect } from '../../preload/contract/dns.ts'
import type { EdgeServer } from '../../preload/contract/servers.ts'
import { edgewise } from '../api.ts'
import { LastChange } from '../change/LastChange.tsx'
import { Failed } from '../parts/Failed.tsx'
import { Icon } from '../parts/Icon.tsx'
import { Waiting } from '../parts/Waiting.tsx'
import { changesOf, useFollowed } from '../parts/follow.ts'
import { count, time } from '../parts/format.ts'
import { inEffectText } from '../parts/names.ts'
import { useRehearsal } from '../rehearsal/rehearsal.ts'
import { useWhere } from './place.ts'
import { useRestart } from './restart.ts'

export function ServerDetails({ server }: { server: EdgeServer }) {
  const { id, name } = server
  const { value, failure, again } = useFollowed(id, () => edgewise.servers.properties({ server: id }), changesOf(id))
  const properties = value?.server
  const service = properties?.service ?? server.service
  return (
    <section className="lower" aria-label={`Details of ${name}`}>
      <h2>{name}</h2>
      {failure && <Failed failure={failure} onAgain={() => void again()} />}
      {!properties && !failure && <Waiting>Reading the details</Waiting>}
      {properties && (
        <>
          {properties.restartNeeded && (
            <div className="restart-needed">
              <Icon name="warning" />
              <p>The saved settings are not yet in effect: the transport service was not restarted since.</p>
              <Button onPress={() => useRestart.getState().begin(id, name)}>Restart transport service</Button>
            </div>
          )}
          <dl className="facts">
            <dt>Transport service</dt>
            <dd>
              {service.state === 'running' ? `Takes mail on ${service.listening ?? 'no address'} since ${time(service.since)}` : 'Takes no mail'}
              {service.note && <span className="note">{service.note}</span>}
            </dd>
            <dt>Internal DNS lookups</dt>
            <Lookups inEffect={properties.inEffect?.internal ?? null} />
            <dt>External DNS lookups</dt>
            {properties.capabilities.noExternal === null ? (
              <Lookups inEffect={properties.inEffect?.external ?? null} unused={!properties.lookups.useExternalForInternet} />
            ) : (
              <dd>
                not offered<span className="note">{properties.capabilities.noExternal}</span>
              </dd>
            )}
            <LastChange server={{ ...server, service }} />
          </dl>
          <WhatWaits server={server} />
        </>
      )}
    </section>
  )
}

function Lookups({ inEffect, unused = false }: { inEffect: InEffect | null; unused?: boolean }) {
  return (
    <dd>
      {inEffect ? inEffectText(inEffect) : 'none in effect while the transport service does not run'}
      {inEffect?.problem && <span className="problem">{inEffect.problem}</span>}
      {inEffect && unused && <span className="note">Internet mail asks the internal DNS lookups.</span>}
    </dd>
  )
}

function WhatWaits({ server }: { server: EdgeServer }) {
  const { value } = useFollowed(server.id, () => edgewise.queues.list({ server: server.id }), changesOf(server.id))
  const isRehearsing = useRehearsal(({ open }) => open !== null)
  if (!value) return null
  const queues = value.queues.filter(({ messages }) => messages > 0)
  if (queues.length === 0)
    return (
      <div className="nothing-waits">
        <p>No mail waits.</p>
        {!isRehearsing && (
          <>
            <p>To see what to do when mail does wait, rehearse an incident: it plays on this machine alone, beside your edge server.</p>
            <Button onPress={() => useWhere.getState().go('rehearsal')}>Rehearse the incident</Button>
          </>
        )}
      </div>
    )
  return (
    <div className="what-waits">
      <h3>Waiting mail</h3>
      <ul>
        {queues.map(({ nextHop, messages, lastError }) => (
          <li key={nextHop}>
            <span className="term">{nextHop}</span>
            <span>{count(messages, 'message')}</span>
            <span className="last-error selectable">{lastError ?? 'no attempt yet'}</span>
          </li>
        ))}
      </ul>
    </div>
  )
}
