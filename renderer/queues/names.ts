// What the queues' words are called on the screen.
import type { Field, Operator } from '../../preload/contract/filter.ts'
import type { Attempt, End, Outcome } from '../../preload/contract/queues.ts'
import type { ReplyCategory, ReplyStage } from '../../preload/contract/smtp.ts'

export const fieldName: Record<Field, string> = {
  nextHop: 'Next hop domain',
  deliveryType: 'Delivery type',
  status: 'Status',
  lastError: 'Last error',
  reason: 'Reason',
  inbound: 'For an accepted domain',
  nextRetry: 'Next retry in',
  lastRetry: 'Last retry',
  messages: 'Message count',
  id: 'Identity',
  from: 'From',
  recipient: 'Recipient',
  subject: 'Subject',
  size: 'Size',
  source: 'Source',
  received: 'Received',
  expires: 'Expires in',
  retries: 'Failed attempts',
}

export const operatorName: Record<Operator, string> = {
  equals: 'is',
  'not-equals': 'is not',
  contains: 'contains',
  'not-contains': 'does not contain',
  over: 'over',
  under: 'under',
  'older-than': 'longer ago than',
  'newer-than': 'less long ago than',
}

export const reasonName: Record<ReplyCategory, string> = {
  'dns-failure': 'DNS query failed',
  'domain-invalid': 'domain does not exist',
  'connect-failed': 'connection failed',
  greylisted: 'greylisted',
  'rate-limited': 'rate limited',
  'reputation-or-blocklist': 'reputation or blocklist',
  'spam-content': 'taken for spam',
  'sender-ptr': 'reverse name of this edge server',
  'sender-dns': 'sender’s domain',
  'auth-policy': 'SPF, DKIM or DMARC',
  tls: 'TLS failed',
  'mailbox-full': 'mailbox full',
  'recipient-unknown': 'recipient unknown',
  'too-large': 'too large',
  'server-busy': 'server busy',
  'policy-other': 'another policy',
  expired: 'expired',
  'protocol-error': 'protocol error',
  unknown: 'another reason',
}

export const stageName: Record<ReplyStage, string> = {
  dns: 'DNS lookup',
  connect: 'Connecting',
  banner: 'Greeting of the server',
  helo: 'HELO',
  starttls: 'STARTTLS',
  auth: 'AUTH',
  mail: 'MAIL FROM',
  rcpt: 'RCPT TO',
  data: 'DATA',
  queue: 'Waiting in the queue',
}

export const attemptStageName: Record<Attempt['stage'], string> = { dns: 'DNS lookup', connect: 'Connecting', smtp: 'The server answered', other: 'Elsewhere' }

export const endName: Record<End['how'], string> = { delivered: 'Delivered', returned: 'Returned to the sender', removed: 'Removed' }

export const outcomeName: Record<Outcome['outcome'], string> = {
  sent: 'Sent',
  deferred: 'Deferred',
  failed: 'Failed',
  gone: 'Gone',
  suspended: 'Suspended',
  resumed: 'Resumed',
  removed: 'Removed',
  exported: 'Exported',
  'put-back': 'Put back',
}
