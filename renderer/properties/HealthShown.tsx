// Health beside a DNS server: a picture whose form, not only its colour, tells it, the words, and what is wrong besides.
import { Icon, type IconName } from '../parts/Icon.tsx'
import { shownHealth, type Health, type Mark } from './health.ts'

const pictureOf: Record<Mark, IconName> = { well: 'done', faulty: 'warning', useless: 'failed', asking: 'asking', unknown: 'unknown' }

export function HealthShown({ health, server }: { health: Health; server: string }) {
  const { mark, text, notes } = shownHealth(health, server)
  return (
    <span className="health" data-mark={mark}>
      <Icon name={pictureOf[mark]} />
      <span>
        {text}
        {notes.map((note) => (
          <span key={note} className="health-note">
            {/* Read aloud, the notes are told apart; on the screen each has a line of its own. */}
            <span className="unseen">; </span>
            {note}
          </span>
        ))}
      </span>
    </span>
  )
}
