// What concerns the window itself: notices in the console, and what happens when it closes.
import { z } from 'zod'
import { call, event } from './call.ts'

export const noticeSchema = z.object({
  id: z.string(),
  level: z.enum(['information', 'warning']),
  text: z.string(),
})
export type Notice = z.infer<typeof noticeSchema>

export const app = {
  notices: call(z.object({}), z.object({ notices: z.array(noticeSchema) })),
  dismiss: call(z.object({ id: z.string() }), z.object({})),
  noticed: event(z.object({ revision: z.number().int() })),
  /** The window wants to close for the first time: the view says that the transport service keeps running. */
  closing: event(z.object({ revision: z.number().int() })),
  /** The view shows that sentence: the window now waits for the administrator instead of closing by itself. */
  closingShown: call(z.object({}), z.object({})),
  close: call(z.object({ stopService: z.boolean() }), z.object({})),
}
