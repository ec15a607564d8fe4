// What the administrator should know, at the top until it is dismissed.
import { Button } from 'react-aria-components'
import { Icon } from '../parts/Icon.tsx'
import { dismiss, useNotices } from './notices.ts'

export function NoticeBar() {
  const { fromMain, own } = useNotices()
  const all = [...fromMain, ...own]
  return (
    <div className="notices" role="status">
      {all.map((notice) => (
        <div key={notice.id} className="notice" data-level={notice.level}>
          <Icon name={notice.level} />
          <p>{notice.text}</p>
          <Button aria-label={`Dismiss: ${notice.text}`} className="dismiss" onPress={() => dismiss(notice)}>
            <span aria-hidden="true">✕</span>
          </Button>
        </div>
      ))}
    </div>
  )
}
