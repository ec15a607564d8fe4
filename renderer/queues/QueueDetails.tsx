// Of the queue that the keyboard is on: its last error explained, and why its messages wait, by reason.
import { Button } from 'react-aria-components'
import type { QueueRow } from '../../preload/contract/queues.ts'
import type { ServerId } from '../../preload/contract/server-id.ts'
import { number, time } from '../parts/format.ts'
import { AddHostsEntry } from './AddHostsEntry.tsx'
import { Explained } from './Explained.tsx'
import { run } from './actions.ts'
import { reasonName } from './names.ts'

export function QueueDetails({ server, queue }: { server: ServerId; queue: QueueRow }) {
  const { nextHop, deliveryType, status, lastRetry, nextRetry, lastError, explained, reasons, suspended, inbound } = queue
  return (
    <section className="queue-details" aria-label={`Queue ${nextHop}`}>
      <header>
        <h2>{nextHop}</h2>
        <div className="buttons">
          <Button onPress={() => run('why')}>Why?</Button>
          <Button onPress={() => run('open')}>Show its messages</Button>
          {lastError !== null && <AddHostsEntry server={server} queue={nextHop} />}
        </div>
      </header>
      <Explained
        error={lastError}
        explained={explained}
        facts={
          <dl className="facts queue-facts">
            {reasons.length > 0 && (
              <>
                <dt>Waiting because</dt>
                <dd>{reasons.map(({ reason, messages }) => `${number(messages)} × ${reasonName[reason]}`).join('; ')}</dd>
              </>
            )}
            <dt>Delivery</dt>
            <dd>
              {deliveryType}
              {inbound && ', for an accepted domain'}
            </dd>
            <dt>Status</dt>
            <dd>
              {status}
              {suspended > 0 && `, ${number(suspended)} of its messages suspended one by one`}
            </dd>
            <dt>Retries</dt>
            <dd>{`last ${time(lastRetry)}, next ${time(nextRetry)}`}</dd>
          </dl>
        }
      />
    </section>
  )
}
