// The messages of one queue, and everything known of the one that is selected.
import { useState } from 'react'
import { Button } from 'react-aria-components'
import type { Message } from '../../preload/contract/queues.ts'
import type { ServerId } from '../../preload/contract/server-id.ts'
import { edgewise } from '../api.ts'
import { Failed } from '../parts/Failed.tsx'
import { Table, type Column } from '../parts/Table.tsx'
import { Waiting } from '../parts/Waiting.tsx'
import { changesOf, useFollowed } from '../parts/follow.ts'
import { number, size, time } from '../parts/format.ts'

const pageLimit = 100

const columns: Column<Message>[] = [
  { name: 'From', width: '24%', cell: ({ from }) => from },
  { name: 'Subject', cell: ({ subject }) => subject || '(no subject)' },
  { name: 'Recipients', width: '24%', cell: ({ recipients }) => recipients.join(', ') },
  { name: 'Received', width: '17%', cell: ({ received }) => time(received) },
  { name: 'Attempts', width: '76px', isNumber: true, cell: ({ attempts }) => number(attempts.length) },
]

export function Messages({ server, queue }: { server: ServerId; queue: string }) {
  const [offset, setOffset] = useState(0)
  const [chosen, setChosen] = useState<string | null>(null)
  const page = { offset, limit: pageLimit }
  const { value, failure, again } = useFollowed(`${server} ${queue} ${offset}`, () => edgewise.queues.messages({ server, queue, page }), changesOf(server))

  if (!value) return failure ? <Failed failure={failure} onAgain={() => void again()} /> : <Waiting>Reading the messages</Waiting>
  const { messages, total } = value
  const selected = chosen ?? messages[0]?.id ?? null
  const message = messages.find(({ id }) => id === selected)
  return (
    <>
      <Table label={`Messages to ${queue}`} columns={columns} rows={messages} keyOf={({ id }) => id} selected={selected} onSelect={setChosen} empty="No messages." />
      {total > pageLimit && (
        <div className="paging">
          <span>{`${number(offset + 1)} to ${number(Math.min(offset + messages.length, total))} of ${number(total)}`}</span>
          <Button isDisabled={offset === 0} onPress={() => setOffset(Math.max(0, offset - pageLimit))}>
            Previous
          </Button>
          <Button isDisabled={offset + pageLimit >= total} onPress={() => setOffset(offset + pageLimit)}>
            Next
          </Button>
        </div>
      )}
      {message && <Details message={message} />}
    </>
  )
}

function Details({ message }: { message: Message }) {
  const { from, recipients, subject, attempts, lastError, delayNotice, nextRetry } = message
  return (
    <dl className="facts message-facts" aria-label="Selected message">
      <dt>Subject</dt>
      <dd>{subject || '(no subject)'}</dd>
      <dt>From</dt>
      <dd>{from}</dd>
      <dt>Recipients</dt>
      <dd>{recipients.join(', ')}</dd>
      <dt>Size</dt>
      <dd>{size(message.size)}</dd>
      <dt>Next retry</dt>
      <dd>{time(nextRetry)}</dd>
      {/* The last attempt says the same, beside when it was. */}
      {attempts.at(-1)?.error !== lastError && (
        <>
          <dt>Last error</dt>
          <dd className="last-error">{lastError ?? 'none'}</dd>
        </>
      )}
      {delayNotice && (
        <>
          <dt>Delay notice</dt>
          <dd>sent to the sender, {time(delayNotice)}</dd>
        </>
      )}
      {attempts.length > 0 && (
        <>
          <dt>Attempts</dt>
          <dd>
            <ol className="attempts">
              {attempts.map(({ at, error }) => (
                <li key={at}>
                  <span className="at">{time(at)}</span> {error}
                </li>
              ))}
            </ol>
          </dd>
        </>
      )}
    </dl>
  )
}
