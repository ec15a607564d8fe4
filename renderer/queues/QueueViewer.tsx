// What waits on an edge server, live: its queues, their messages, and both by destination and reason.
import { useEffect, useState, type ReactNode } from 'react'
import { Tab, TabList, TabPanel, Tabs } from 'react-aria-components'
import { useShallow } from 'zustand/react/shallow'
import type { ServerId } from '../../preload/contract/server-id.ts'
import { ServerChoice } from '../console/ServerChoice.tsx'
import { useWhere } from '../console/place.ts'
import { useServers } from '../console/servers.ts'
import { Failed } from '../parts/Failed.tsx'
import { PaneHeader } from '../parts/PaneHeader.tsx'
import type { Spot } from '../parts/RowMenu.tsx'
import { Waiting } from '../parts/Waiting.tsx'
import { count, number } from '../parts/format.ts'
import { rowAt } from '../parts/pages.ts'
import { Announced } from './Announced.tsx'
import { FilterBar } from './FilterBar.tsx'
import { GroupDetails } from './GroupDetails.tsx'
import { MessageDetails } from './MessageDetails.tsx'
import { QueueDetails } from './QueueDetails.tsx'
import { QueueMenu } from './QueueMenu.tsx'
import { Rows } from './Rows.tsx'
import { keys } from './actions.ts'
import { groupColumns, messageColumns, queueColumns, type Column } from './columns.tsx'
import { countOf, type List, type ListOf } from './list.ts'
import { groupList, messageList, queueList, useTab, type Tab as TabName } from './lists.ts'
import './queues.css'

const tabNames: Record<TabName, string> = { queues: 'Queues', messages: 'Messages', reasons: 'Reasons' }

export default function QueueViewer() {
  const server = useWhere((where) => where.server)
  const servers = useServers(({ list }) => list) ?? []
  const name = servers.find(({ id }) => id === server)?.name ?? ''
  const { tab } = useTab()
  const service = servers.find(({ id }) => id === server)?.service
  const note = service?.state === 'running' ? service.note : null
  return (
    <div className="page">
      <PaneHeader title="Queue Viewer" {...(servers.length > 1 ? {} : { note: name })}>
        <ServerChoice />
      </PaneHeader>
      {note !== null && (
        <p role="status" className="queue-note">
          {note}
        </p>
      )}
      <Tabs className="tabs queue-tabs" selectedKey={tab} onSelectionChange={(key) => useTab.setState({ tab: key as TabName })}>
        <TabList aria-label="Queue Viewer" render={(props) => <menu {...(props as object)} />}>
          {Object.entries(tabNames).map(([id, label]) => (
            <Tab key={id} id={id} render={(props) => <button type="button" {...(props as object)} />}>
              {label}
            </Tab>
          ))}
        </TabList>
        <TabPanel id="queues">
          <Queues server={server} />
        </TabPanel>
        <TabPanel id="messages">
          <Messages server={server} />
        </TabPanel>
        <TabPanel id="reasons">
          <Reasons server={server} />
        </TabPanel>
      </Tabs>
      <Announced server={server} />
    </div>
  )
}

function Queues({ server }: { server: ServerId }) {
  const queue = queueList.use(({ pages, at }) => rowAt(pages, at))
  const isKnown = queueList.use(({ isKnown }) => isKnown)
  useEffect(() => {
    if (!isKnown) return
    const idle = requestIdleCallback(() => messageList.prepare(server))
    return () => cancelIdleCallback(idle)
  }, [isKnown, server])
  return (
    <Listed server={server} list={queueList} what="The queues" table="queues" label="Queues" columns={queueColumns} empty="No mail waits." noun="queue" head={<FilterBar subject="queues" />}>
      {queue && <QueueDetails server={server} queue={queue} />}
    </Listed>
  )
}

function Messages({ server }: { server: ServerId }) {
  const row = messageList.use(({ pages, at }) => rowAt(pages, at))
  const { filter } = messageList.useView()
  const [only] = filter.all
  const label = filter.all.length === 1 && only?.field === 'nextHop' && only.is === 'equals' ? `Messages to ${only.value}` : 'Messages'
  return (
    <Listed server={server} list={messageList} what="The messages" table="messages" label={label} columns={messageColumns} empty="No message waits." noun="message" head={<FilterBar subject="messages" />}>
      {row && <MessageDetails server={server} row={row} />}
    </Listed>
  )
}

function Reasons({ server }: { server: ServerId }) {
  const group = groupList.use(({ pages, at }) => rowAt(pages, at))
  return (
    <Listed server={server} list={groupList} what="The reasons" table="reasons" label="Waiting mail by reason" columns={groupColumns} empty="No mail waits after a failed attempt." noun="reason" head={<Grouping />}>
      {group && <GroupDetails group={group} />}
    </Listed>
  )
}

function Grouping() {
  const { by } = useTab()
  const group = (next: 'destination' | 'reason') => {
    useTab.setState({ by: next })
    groupList.show({ filter: groupList.use.getState().view.filter })
  }
  return (
    <div className="queue-filter filter-line">
      <label>
        Group by{' '}
        <select value={by} onChange={(event) => group(event.target.value === 'reason' ? 'reason' : 'destination')}>
          <option value="destination">destination and reason</option>
          <option value="reason">reason</option>
        </select>
      </label>
    </div>
  )
}

interface ListedProps<R> {
  server: ServerId
  list: ListOf<R>
  /** At the beginning of a sentence. */
  what: string
  table: string
  label: string
  columns: readonly Column<R>[]
  empty: string
  /** One row, in words. */
  noun: string
  head: ReactNode
  /** The row that the keyboard is on, in full. */
  children: ReactNode
}

/** Not the pages: these come and go while the list is scrolled, and matter to its rows alone. */
const ofRows = ({ isKnown, failure, server, total, selected, view }: List<unknown>) => ({ isKnown, failure, server, total, selected, view })

function Listed<R>({ server, list, what, table, label, columns, empty, noun, head, children }: ListedProps<R>) {
  const { isKnown, failure, server: shown, total, selected, view } = list.use(useShallow(ofRows))
  const [menu, setMenu] = useState<Spot | null>(null)
  useEffect(() => list.follow(server), [list, server])
  const isRead = isKnown && shown === server
  const many = countOf({ total, selected })
  return (
    <div className="queue-list">
      {head}
      {failure && <Failed failure={{ ...failure, message: `${what} cannot be read${isRead ? ', what is shown may be out of date' : ''}. ${failure.message}` }} onAgain={list.again} />}
      {!isRead && !failure && (
        <div className="page-body">
          <Waiting>{`${what} are being read`}</Waiting>
        </div>
      )}
      {isRead && (
        <>
          <Rows table={table} label={label} list={list} columns={columns} keys={keys} empty={view.filter.all.length > 0 ? `The filter finds no ${noun}.` : empty} onMenu={setMenu} />
          <p role="status" className="list-status">
            {count(total, noun)}
            {view.filter.all.length > 0 && ' found'}
            {many > 1 && (selected === 'all' ? ', all selected' : `, ${number(many)} selected`)}
          </p>
          <QueueMenu at={menu} onClose={() => setMenu(null)} />
          {children}
        </>
      )}
    </div>
  )
}
