// A failure's form where it crosses a process border. Apart from the failure itself, which all code throws: zod takes
// longer to load than a short command takes for its work.
import { z } from 'zod'
import { failureCodes, type FailureValue } from './failure.ts'

export const failureSchema = z.object({ code: z.enum(failureCodes), message: z.string(), remedy: z.string().optional() }) satisfies z.ZodType<FailureValue>
