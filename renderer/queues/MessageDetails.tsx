// Of the message that the keyboard is on: all that is known of it, each recipient with its own state, each attempt with its time.
import { Button } from 'react-aria-components'
import type { MessageDetail, MessageRow } from '../../preload/contract/queues.ts'
import type { ServerId } from '../../preload/contract/server-id.ts'
import { edgewise } from '../api.ts'
import { Failed } from '../parts/Failed.tsx'
import { changesOf, useFollowed } from '../parts/follow.ts'
import { count, size, time } from '../parts/format.ts'
import { Explained } from './Explained.tsx'
import { run } from './actions.ts'
import { attemptStageName, endName, reasonName } from './names.ts'

export function MessageDetails({ server, row }: { server: ServerId; row: MessageRow }) {
  const { id } = row
  const { value, failure, again } = useFollowed(`${server} ${id}`, () => edgewise.queues.message({ server, id }), changesOf(server))
  const detail = value?.message ?? null
  const { subject, from, lastError, explained, source, received, expires, queue } = detail ?? row
  return (
    <section className="queue-details" aria-label={`Message ${id}`}>
      <header>
        <h2>{subject || '(no subject)'}</h2>
        <div className="buttons">
          <Button onPress={() => run('why')}>Why?</Button>
          <Button onPress={() => run('open')}>Show its queue</Button>
        </div>
      </header>
      {failure && <Failed failure={failure} onAgain={() => void again()} />}
      {value && !detail && <p>Nothing is known of this message any more.</p>}
      {detail?.end && (
        <p>
          {endName[detail.end.how]}, {time(detail.end.at)}: <span className="selectable">{detail.end.text}</span>
        </p>
      )}
      <Explained
        error={lastError}
        explained={explained}
        facts={
          <dl className="facts queue-facts">
            <dt>From</dt>
            <dd>
              {from || '<>'}
              {source !== null && `, taken from ${source}`}
            </dd>
            <dt>Queue</dt>
            <dd>{queue}</dd>
            <dt>Times</dt>
            <dd>{`received ${time(received)}, next retry ${time(detail?.nextRetry ?? row.nextRetry)}, expires ${time(expires)}`}</dd>
            <dt>Size</dt>
            <dd>{size(row.size)}</dd>
            {detail && <More detail={detail} />}
          </dl>
        }
      >
        {detail && <Attempts detail={detail} />}
      </Explained>
    </section>
  )
}

function More({ detail: { states, delayNotice } }: { detail: MessageDetail }) {
  return (
    <>
      {delayNotice && (
        <>
          <dt>Delay notice</dt>
          <dd>sent to the sender, {time(delayNotice)}</dd>
        </>
      )}
      <dt>Recipients</dt>
      <dd>
        <ul className="recipients" aria-label="Recipients">
          {states.map(({ address, status, lastError }) => (
            <li key={address}>
              {address}: {status}
              {lastError && <span className="last-error">{lastError}</span>}
            </li>
          ))}
        </ul>
      </dd>
    </>
  )
}

/** Beside the words, so that the first of them are seen without scrolling. */
function Attempts({ detail: { attempts, retries } }: { detail: MessageDetail }) {
  return (
    <section>
      <h3>Attempts</h3>
      {attempts.length === 0 ? <p className="note">none yet</p> : attempts.length < retries && <p className="note">{`The latest ${count(attempts.length, 'attempt')} of ${retries}:`}</p>}
      <ol className="attempts" aria-label="Attempts">
        {attempts.map(({ at, stage, error, explained }, place) => (
          <li key={place}>
            <span className="at">{time(at)}</span> {attemptStageName[stage]}
            {explained && `: ${reasonName[explained.category]}`}
            <span className="last-error">{error}</span>
          </li>
        ))}
      </ol>
    </section>
  )
}
