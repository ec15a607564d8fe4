// Which edge server a call is about.
import { z } from 'zod'

/**
 * `local` is the edge server that this start is about: the one that was chosen, or the first that this machine was found
 * to have. Others of the machine stand beside it: `postfix:NAME` an instance of Postfix, `embedded` the embedded relay.
 * `rehearsal` is the lab's, while a rehearsal plays.
 */
export const serverId = z.string().regex(/^(local|embedded|rehearsal|postfix:[\w.-]{1,200})$/, 'is no edge server.')
export type ServerId = z.infer<typeof serverId>
