// The result pane of the hosts file: what file it is, what is amiss, the filter, its lines, and the one that the keyboard is on.
import { useEffect, useRef, useState } from 'react'
import { Button } from 'react-aria-components'
import type { HostsFile as File } from '../../preload/contract/hosts.ts'
import { PaneHeader } from '../parts/PaneHeader.tsx'
import { ServerChoice } from '../console/ServerChoice.tsx'
import { useWhere } from '../console/place.ts'
import { Failed } from '../parts/Failed.tsx'
import { Icon } from '../parts/Icon.tsx'
import { Waiting } from '../parts/Waiting.tsx'
import { count, number, size } from '../parts/format.ts'
import { Filter } from './Filter.tsx'
import { LineDetails } from './LineDetails.tsx'
import { LineMenu } from './LineMenu.tsx'
import { Lines } from './Lines.tsx'
import { followHosts, reload, show, useHosts } from './hosts.ts'
import './hosts.css'

export default function HostsFile() {
  const server = useWhere((where) => where.server)
  const { file, failure, server: shown } = useHosts()
  useEffect(() => followHosts(server), [server])
  const isKnown = file !== null && shown === server
  return (
    <div className="page hosts-file">
      <PaneHeader title="Hosts File" {...(isKnown ? { note: count(file.entries, 'entry', 'entries') } : {})}>
        <ServerChoice />
      </PaneHeader>
      {failure && <Failed failure={failure} onAgain={() => void reload()} />}
      {!isKnown && !failure && (
        <div className="page-body">
          <Waiting>Reading the hosts file</Waiting>
        </div>
      )}
      {isKnown && <Known file={file} />}
    </div>
  )
}

function Known({ file }: { file: File }) {
  const { problems, note, view } = useHosts()
  const [menu, setMenu] = useState<{ x: number; y: number } | null>(null)
  const filter = useRef<HTMLInputElement>(null)
  return (
    <div
      className="hosts-known"
      onKeyDown={(event) => {
        if (!event.ctrlKey || event.key !== 'f') return
        filter.current?.select()
        filter.current?.focus()
      }}
    >
      <Facts file={file} />
      {problems > 0 && view.show !== 'problems' && (
        <div className="hosts-banner" role="status">
          <Icon name="warning" />
          <p>{problems === 1 ? 'Something is amiss on 1 line.' : `Something is amiss on ${number(problems)} lines.`}</p>
          <Button onPress={() => show('problems')}>Show {problems === 1 ? 'it' : 'them'}</Button>
        </div>
      )}
      <p className="hosts-note" role="status">
        {note}
      </p>
      <Filter field={filter} />
      <Lines onMenu={setMenu} />
      <LineMenu at={menu} onClose={() => setMenu(null)} />
      <LineDetails />
    </div>
  )
}

function Facts({ file }: { file: File }) {
  const { path, exists, bytes, lines, encoding, lineEndings, readOnly, hidden, notes, transport } = file
  const endings = { LF: 'LF', CRLF: 'CRLF', mixed: 'mixed line endings', none: 'no line endings' }[lineEndings]
  const about = [count(lines, 'line'), size(bytes), encoding, endings, ...(readOnly ? ['read-only'] : []), ...(hidden ? ['hidden'] : [])]
  return (
    <section className="hosts-facts" aria-label="About the file">
      <p>
        <strong className="selectable">{path}</strong> {exists ? about.join(', ') : 'does not exist yet: the first save makes it'}
      </p>
      <p>{transport}</p>
      {notes.length > 0 && <p className="note">How it is written: {notes.join('; ')}.</p>}
    </section>
  )
}
