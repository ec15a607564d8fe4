// How long the transport tries, waits and keeps silent: the Limits tab.
import { z } from 'zod'

const seconds = (least: number, most: number) => z.number().int().min(least).max(most)

/** Names and ranges of Exchange's Set-TransportService, in seconds. */
export const limitsSchema = z.strictObject({
  transientFailureRetryInterval: seconds(1, 43_200),
  messageExpirationTimeout: seconds(5, 90 * 86_400),
  delayNotificationTimeout: seconds(1, 30 * 86_400),
  /** Connections to one domain at the same time; no seconds. */
  maxPerDomainOutboundConnections: z.number().int().min(1).max(10_000),
})
export type Limits = z.infer<typeof limitsSchema>

/** Those of Exchange's Edge role: 10 minutes, 2 days, 4 hours, 20 connections. */
export const limitDefaults: Limits = {
  transientFailureRetryInterval: 600,
  messageExpirationTimeout: 172_800,
  delayNotificationTimeout: 14_400,
  maxPerDomainOutboundConnections: 20,
}
export type LimitName = keyof Limits
