// What the relay's process tells the one that started it.
import { z } from 'zod'
import { failureSchema } from '../../../preload/contract/failure-schema.ts'

export const startReportSchema = z.union([
  z.object({ serving: z.literal(true) }),
  z.object({ alreadyRunning: z.number() }),
  z.object({ failed: failureSchema }),
])
export type StartReport = z.infer<typeof startReportSchema>
