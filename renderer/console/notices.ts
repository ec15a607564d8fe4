// What the bar at the top says: main's notices, and what failed in the view's own calls.
import { create } from 'zustand'
import type { Notice } from '../../preload/contract/app.ts'
import { edgewise, settled } from '../api.ts'
import { follow } from '../parts/follow.ts'

interface Notices {
  fromMain: readonly Notice[]
  own: readonly Notice[]
}

export const useNotices = create<Notices>(() => ({ fromMain: [], own: [] }))

let lastOwn = 0

export function followNotices(): void {
  follow(
    () => edgewise.app.notices({}),
    (again) => edgewise.app.noticed(again),
    (result) => {
      if (result.ok) useNotices.setState({ fromMain: result.value.notices })
    },
  )
}

/** The same sentence again takes the place of the first. */
export function say(text: string, level: Notice['level'] = 'warning'): void {
  const id = `own ${++lastOwn}`
  useNotices.setState(({ own }) => ({ own: [...own.filter((notice) => notice.text !== text), { id, level, text }] }))
}

export function dismiss(notice: Notice): void {
  useNotices.setState(({ fromMain, own }) => ({
    fromMain: fromMain.filter(({ id }) => id !== notice.id),
    own: own.filter(({ id }) => id !== notice.id),
  }))
  if (!notice.id.startsWith('own ')) void settled(edgewise.app.dismiss({ id: notice.id }))
}
