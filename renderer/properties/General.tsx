// What the edge server is and does right now.
import type { Properties } from '../../preload/contract/servers.ts'
import { Icon } from '../parts/Icon.tsx'
import { ServiceMark } from '../parts/ServiceMark.tsx'
import { number, time } from '../parts/format.ts'
import { transportName } from '../parts/names.ts'

export function General({ server, name }: { server: Properties; name: string }) {
  const { service } = server
  return (
    <>
      <h3 className="general-head">
        <Icon name="server" />
        {name}
      </h3>
      <dl className="facts">
        <dt>Transport</dt>
        <dd>{transportName[server.transport]}</dd>
        <dt>Version</dt>
        <dd>{server.version}</dd>
        <dt>Transport service</dt>
        <dd>
          <ServiceMark state={service.state} />
          {service.note && <span className="note">{service.note}</span>}
        </dd>
        <dt>Listening on</dt>
        <dd>{service.listening ?? '–'}</dd>
        <dt>Running since</dt>
        <dd>{time(service.since)}</dd>
        <dt>Messages waiting</dt>
        <dd>{server.waiting === null ? 'not known' : number(server.waiting)}</dd>
        <dt>{server.configDir === null ? 'Home folder' : 'Configuration'}</dt>
        <dd>{server.configDir ?? server.home}</dd>
      </dl>
    </>
  )
}
