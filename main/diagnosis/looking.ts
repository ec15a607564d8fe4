// What all checks of one diagnosis share: the subject, the questions that were asked, and how a finding is told.
import type { CheckName, DiagnosisFinding } from '../../preload/contract/diagnosis.ts'
import type { World } from '../world/world.ts'
import type { Fact, ServersCompared } from './finding.ts'
import type { Questions } from './questions.ts'
import type { DomainLooked, Subject } from './subject.ts'

/** A finding as a check tells it; who collects them adds the rest. */
export interface Told extends Pick<DiagnosisFinding, 'target' | 'verdict' | 'text'> {
  /** What the sentence rests on: the answer as it came, a transcript, or the properties, rows and lines that were read. */
  raw: string
  fact: Fact | null
}

/** Of what was read here, and asked of nobody. */
export const rawRead = (value: unknown): string => JSON.stringify(value, null, 2)

export interface Looking {
  subject: Subject
  questions: Questions
  world: World
  signal: AbortSignal
  /** What each set of DNS servers says of a domain, the transport’s own first; each as soon as it is known. */
  compared(domain: DomainLooked): Promise<Comparing>[]
  /** All DNS servers that anybody here asks, the transport’s own first. */
  servers: string[]
}

export interface Comparing {
  fact: ServersCompared
  text: string
  raw: string
}

export interface Check {
  name: CheckName
  title: string
  /** Milliseconds for all that it asks. */
  limit: number
  run(looking: Looking, tell: (told: Told) => void): Promise<void>
}
