// What the SMTP test's words are called on the screen.
import type { SmtpStage, TlsMode, Verdict } from '../../preload/contract/smtp-test.ts'
import type { IconName } from '../parts/Icon.tsx'

export const tlsModeName: Record<TlsMode, string> = {
  none: 'None, in clear',
  'if-offered': 'STARTTLS if offered',
  required: 'STARTTLS required',
  implicit: 'SMTPS (TLS from the start)',
}

export const stageName: Record<SmtpStage, string> = {
  connect: 'Connecting',
  tls: 'TLS',
  banner: 'Banner',
  ehlo: 'EHLO',
  helo: 'HELO',
  starttls: 'STARTTLS',
  auth: 'AUTH',
  mail: 'MAIL FROM',
  rcpt: 'RCPT TO',
  data: 'DATA',
  message: 'Message',
  rset: 'RSET',
  quit: 'QUIT',
  other: 'Command',
}

export const verdictName: Record<Verdict, string> = { accepted: 'Accepted', deferred: 'Deferred', refused: 'Refused', failed: 'Failed', cancelled: 'Cancelled' }

/** Told apart by form, not by colour alone. */
export const verdictIcon: Record<Verdict, IconName> = { accepted: 'done', deferred: 'warning', refused: 'denied', failed: 'failed', cancelled: 'silent' }

/** In the order in which they are told. */
export const verdictOrder: readonly Verdict[] = ['accepted', 'deferred', 'refused', 'failed', 'cancelled']
