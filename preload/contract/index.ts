// All calls, streams and events by topic. Main, the view and the command line's --json agree on this.
import { adapters } from './adapters.ts'
import { app } from './app.ts'
import type { Client, Handler, Topic } from './call.ts'
import { changes } from './changes.ts'
import { diagnosis } from './diagnosis.ts'
import { hosts } from './hosts.ts'
import { queues } from './queues.ts'
import { rehearsal } from './rehearsal.ts'
import { servers } from './servers.ts'
import { smtp } from './smtp.ts'
import { smtpTest } from './smtp-test.ts'

export const contract = { adapters, app, changes, diagnosis, hosts, queues, rehearsal, servers, smtp, smtpTest } satisfies Record<string, Topic>
export type Contract = typeof contract

/** What the preload hands to the view. */
export type Api = { [T in keyof Contract]: { [N in keyof Contract[T]]: Client<Contract[T][N]> } }

/** What main must answer: an entry too many or too few does not compile. */
export type Answers = {
  [T in keyof Contract]: {
    [N in keyof Contract[T] as Contract[T][N] extends { kind: 'event' } ? never : N]: Handler<Contract[T][N]>
  }
}
