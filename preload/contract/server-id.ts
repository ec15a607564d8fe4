// Which edge server a call is about.
import { z } from 'zod'

/** `local` is this machine's edge server; `rehearsal` the lab's, while a rehearsal plays. */
export const serverId = z.enum(['local', 'rehearsal'])
export type ServerId = z.infer<typeof serverId>
