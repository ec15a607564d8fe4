// The state of a transport service: a mark whose form, not only its colour, tells it, and the word.
import type { ServiceState } from '../../preload/contract/servers.ts'
import { serviceName } from './names.ts'

export function ServiceMark({ state }: { state: ServiceState['state'] }) {
  return (
    <span className="service-mark" data-state={state}>
      <svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true">
        <circle cx="7" cy="7" r="6.25" />
        {state === 'running' && <path d="M5.2 3.8 10 7l-4.8 3.2z" />}
        {state === 'stopped' && <path d="M4.6 4.6h4.8v4.8H4.6z" />}
        {(state === 'starting' || state === 'stopping') && <path d="M6.3 3.4h1.4v3.3l2.2 1.3-.7 1.2-2.9-1.7z" />}
      </svg>
      {serviceName[state]}
    </span>
  )
}
