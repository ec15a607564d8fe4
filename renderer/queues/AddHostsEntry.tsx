// Where mail waits for a host that the DNS servers do not tell rightly: an entry of the hosts file for it, filled in.
import { useEffect, useState } from 'react'
import { Button } from 'react-aria-components'
import type { FailureValue } from '../../preload/contract/failure.ts'
import type { ServerId } from '../../preload/contract/server-id.ts'
import { edgewise, settled } from '../api.ts'
import { emptyDraft, openForm } from '../hosts/forms.ts'
import { useFollowed } from '../parts/follow.ts'

/** Asked once for each queue: the DNS servers shall not be asked with every retry. */
const never = () => () => undefined

/** Milliseconds: whoever only passes by with the arrows asks no DNS server. */
const restedAfter = 300

export function AddHostsEntry({ server, queue }: { server: ServerId; queue: string }) {
  const [rested, setRested] = useState<string | null>(null)
  useEffect(() => {
    const timer = setTimeout(setRested, restedAfter, queue)
    return () => clearTimeout(timer)
  }, [queue])
  return rested === queue ? <Suggested server={server} queue={queue} /> : null
}

function Suggested({ server, queue }: { server: ServerId; queue: string }) {
  const { value, failure } = useFollowed(`${server} ${queue}`, () => edgewise.hosts.suggest({ server, queue }), never)
  const [unread, setUnread] = useState<FailureValue | null>(null)
  const { entries = [], text = '' } = value ?? {}
  const names = [...new Set(entries.map(({ name }) => name))]
  const problem = failure ?? unread
  const open = async () => {
    const result = await settled(edgewise.hosts.list({ server, page: { offset: 0, limit: 1 } }))
    if (!result.ok) return setUnread(result.error)
    setUnread(null)
    const drafts = entries.map(({ name, address, text: hint }) => ({ ...emptyDraft, address: address ?? '', names: name, hint, isWanted: address !== null || entries.length === 1 }))
    openForm({ kind: 'entry', subject: { server, file: result.value.file }, line: null, after: null, drafts, text })
  }
  return (
    <div className="add-hosts-entry">
      {/* There from the beginning, since to ask may take seconds. */}
      {!failure && (!value || names.length > 0) && (
        <Button isDisabled={!value} onPress={() => void open()}>
          {value ? `Add hosts ${names.length === 1 ? 'entry' : 'entries'} for ${named(names)} …` : 'Add hosts entry …'}
        </Button>
      )}
      {value && names.length === 0 && <p className="hint">{text}</p>}
      {problem && (
        <p className="problem" role="alert">
          {problem.message} {problem.remedy}
        </p>
      )}
    </div>
  )
}

/** `mx1.example.test and mx2.example.test`, `mx1.example.test and 4 more`. */
const named = ([first = '', ...more]: string[]) => (more.length === 0 ? first : `${first} and ${more.length === 1 ? more[0] : `${more.length} more`}`)
