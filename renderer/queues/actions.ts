// What can be done with the rows that are selected: one list for the actions pane, the menu and the keys.
import type { IconName } from '../parts/Icon.tsx'
import { openSmtpTest } from '../smtp/open.ts'
import { openTroubleshooter } from '../troubleshooter/troubleshooter.ts'
import { ask, showRemovals, type Deed } from './acting.ts'
import { contextNow, type Context } from './chosen.ts'
import { show } from './filters.ts'
import { listOf, useTab, type Tab } from './lists.ts'

/** In this order everywhere. What takes mail away never stands beside what sends it. */
export const parts = [
  ['why', 'open', 'smtpTest', 'all', 'refresh'],
  ['retry', 'suspend', 'resume', 'export'],
  ['removals', 'remove', 'removeQuietly'],
] as const
export type ActionName = (typeof parts)[number][number]

interface Action {
  label(tab: Tab): string
  icon: IconName
  /** As menus write it. */
  keys: string
  isPossible(context: Context): boolean
  run(context: Context): void
}

const isAny = ({ chosen }: Context) => chosen !== null
const isSuspended = ({ chosen, statuses }: Context) => chosen !== null && (statuses === null || statuses.has('Suspended'))
const isNotSuspended = ({ chosen, statuses }: Context) => chosen !== null && (statuses === null || [...statuses].some((status) => status !== 'Suspended'))
const deed =
  (what: Exclude<Deed, { kind: 'put-back' }>) =>
  ({ server, chosen, words }: Context) => {
    if (chosen) void ask(server, what, chosen, words)
  }

export const actions: Record<ActionName, Action> = {
  why: { label: () => 'Why?', icon: 'unknown', keys: '?', isPossible: ({ asked }) => asked !== null, run: ({ server, asked }) => asked !== null && openTroubleshooter(server, asked) },
  open: { label: (tab) => (tab === 'messages' ? 'Show its queue' : 'Show its messages'), icon: 'queue', keys: 'Enter', isPossible: ({ belonging }) => belonging !== null, run: open },
  smtpTest: { label: () => 'SMTP Test …', icon: 'smtp', keys: 'T', isPossible: ({ recipient }) => recipient !== null, run: ({ recipient }) => recipient !== null && openSmtpTest(recipient) },
  all: { label: () => 'Select all', icon: 'check', keys: 'Ctrl+A', isPossible: ({ tab, total }) => tab !== 'reasons' && total > 0, run: ({ tab }) => listOf[tab].selectAll() },
  refresh: { label: () => 'Refresh', icon: 'restart', keys: 'F5', isPossible: () => true, run: ({ tab }) => listOf[tab].again() },
  retry: { label: () => 'Retry …', icon: 'start', keys: '', isPossible: isNotSuspended, run: deed({ kind: 'retry' }) },
  suspend: { label: () => 'Suspend …', icon: 'stop', keys: '', isPossible: isNotSuspended, run: deed({ kind: 'suspend' }) },
  resume: { label: () => 'Resume …', icon: 'done', keys: '', isPossible: isSuspended, run: deed({ kind: 'resume' }) },
  export: { label: () => 'Export …', icon: 'down', keys: '', isPossible: isAny, run: deed({ kind: 'export' }) },
  removals: { label: () => 'Removed messages …', icon: 'undo', keys: '', isPossible: () => true, run: () => showRemovals(true) },
  remove: { label: () => 'Remove with NDR\u00a0…', icon: 'failed', keys: 'Del', isPossible: isAny, run: deed({ kind: 'remove', ndr: true }) },
  removeQuietly: { label: () => 'Remove without NDR\u00a0…', icon: 'denied', keys: '', isPossible: isAny, run: deed({ kind: 'remove', ndr: false }) },
}

export function run(name: ActionName): void {
  const context = contextNow()
  if (actions[name].isPossible(context)) actions[name].run(context)
}

/** From a queue or a group to its messages, from a message to its queue. */
function open({ tab, belonging }: Context): void {
  if (!belonging) return
  const to = tab === 'messages' ? 'queues' : 'messages'
  show(to, belonging)
  useTab.setState({ tab: to })
}

export const keys = {
  Enter: () => run('open'),
  Delete: () => run('remove'),
  F5: () => run('refresh'),
  '?': () => run('why'),
  t: () => run('smtpTest'),
  T: () => run('smtpTest'),
}
