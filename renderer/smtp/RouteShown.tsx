// Who takes the mail: as the transport finds it, beside it as this machine does, and in words where they differ.
import type { Found, SmtpRoute } from '../../preload/contract/smtp-test.ts'
import { Icon } from '../parts/Icon.tsx'
import { Lines } from './Lines.tsx'
import { openRoute } from './testing.ts'

export function RouteShown({ route, isOpen }: { route: SmtpRoute; isOpen: boolean }) {
  const { domain, transport, system, differences } = route
  const [first, ...more] = differences
  return (
    <details className="smtp-route" open={isOpen} onToggle={(event) => openRoute(event.currentTarget.open)}>
      <summary>
        <Icon name={first || transport.problem !== null ? 'warning' : 'done'} />
        <span>
          <strong>{domain}:</strong> {first ?? (transport.problem === null ? 'transport and machine find the same mail hosts.' : 'neither transport nor machine finds a mail host.')}
        </span>
      </summary>
      {more.length > 0 && (
        <ul className="smtp-differences">
          {more.map((difference) => (
            <li key={difference} className="selectable">
              {difference}
            </li>
          ))}
        </ul>
      )}
      <div className="smtp-sides">
        <Side title="The transport’s lookups" found={transport} />
        <Side title="This machine’s lookups" found={system} />
      </div>
    </details>
  )
}

function Side({ title, found: { hosts, text, problem } }: { title: string; found: Found }) {
  return (
    <section aria-label={title}>
      <h2>{title}</h2>
      {problem !== null && <Lines className="problem" lines={[problem]} />}
      <ul>
        {hosts.map(({ host, preference, addresses, port }) => (
          <li key={host} className="selectable">
            {preference !== null && `${preference} `}
            <strong>{host}</strong>
            {port !== null && ` port ${port}`} {addresses.join(', ') || 'no address'}
          </li>
        ))}
      </ul>
      {problem === null && <Lines className="note" lines={[text]} />}
    </section>
  )
}
