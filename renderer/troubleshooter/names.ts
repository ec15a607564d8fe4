// What the troubleshooter's words are called on the screen.
import { longestWait, type Cause, type CauseName, type DiagnosisFinding, type Remedy } from '../../preload/contract/diagnosis.ts'
import type { IconName } from '../parts/Icon.tsx'
import { time } from '../parts/format.ts'

export const causeTitle: Record<CauseName, string> = {
  'service-stopped': 'The transport service is stopped',
  'queue-suspended': 'The queue is suspended',
  expired: 'The message has expired',
  'edge-busy': 'This edge server has too little disk or memory',
  'own-certificate': 'This edge server’s certificate is not valid',
  'dns-wrong-adapter': 'The transport asks the wrong adapter',
  'dns-server-silent': 'A DNS server is silent',
  'dns-server-refusing': 'A DNS server refuses to answer',
  'dns-server-failing': 'A DNS server fails',
  'dns-server-not-recursive': 'A DNS server does not ask others',
  'dns-server-ignores-aaaa': 'A DNS server ignores questions for IPv6',
  'dns-split-horizon': 'An internal DNS server hides the domain’s mail hosts',
  'domain-not-found': 'The domain does not exist',
  'domain-null-mx': 'The domain takes no mail',
  'domain-no-mail-host': 'The domain has no mail host',
  'mx-target-missing': 'The mail host has no address',
  'mx-private-address': 'The mail host has a private address',
  'hosts-override': 'The hosts file leads the mail astray',
  'mailbox-server-down': 'The mailbox server does not answer',
  'port25-filtered': 'Port 25 is closed on the way out',
  'no-ipv6-route': 'There is no way to IPv6 addresses',
  'host-silent': 'The mail host is silent',
  'host-refusing': 'The mail host refuses the connection',
  'smtp-proxied': 'Something on the way tampers with SMTP',
  'helo-bad': 'The name in HELO is not taken',
  'tls-failed': 'TLS fails',
  'dnsbl-listed': 'A blocklist lists the egress address',
  reputation: 'The egress address has a bad name',
  'rate-limited': 'The destination takes no more for now',
  'destination-busy': 'The destination is busy',
  'ptr-missing': 'The egress address has no PTR',
  'ptr-mismatch': 'The PTR does not lead back',
  'ptr-generic': 'The PTR is a provider’s generic name',
  'sender-domain-dead': 'The sender’s domain takes no mail',
  'spf-fail': 'SPF forbids the egress address',
  'spf-error': 'The SPF record is faulty',
  'dmarc-fail': 'DMARC is not met',
  greylisted: 'The destination greylists',
  'greylisted-source-varies': 'Greylisted, from an address that varies',
  'recipient-unknown': 'The recipient is unknown',
  'mailbox-full': 'The mailbox is full',
  'too-large': 'The message is too large',
  'spam-content': 'The content is taken for spam',
}

/** Of causes that were observed, and of those that the scenario of another Edgewise knows. */
export const titleOf = (name: string) => (Object.hasOwn(causeTitle, name) ? causeTitle[name as CauseName] : name)

export const proofName: Record<Cause['proof'], string> = { proven: 'Proven', likely: 'Likely', 'ruled out': 'Ruled out' }
export const proofIcon: Record<Cause['proof'], IconName> = { proven: 'failed', likely: 'warning', 'ruled out': 'denied' }

/** Told apart by form, not by colour alone. */
export const verdictName: Record<DiagnosisFinding['verdict'], string> = { good: 'Good', bad: 'Bad', odd: 'Worth a look', 'not-known': 'Not known' }
export const verdictIcon: Record<DiagnosisFinding['verdict'], IconName> = { good: 'done', bad: 'failed', odd: 'warning', 'not-known': 'unknown' }

/** In the order of who is nearest. */
export const whoTitle: Record<Remedy['who'], string> = {
  'this edge': 'On this edge server',
  'your DNS owner': 'By your DNS owner',
  'your network': 'In your network',
  'the destination': 'At the destination',
  wait: 'By waiting',
}

/** The contract’s sentences name moments as ISO 8601 does. */
export const withTimes = (text: string) => text.replace(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, (iso) => time(iso))

/** By the kind of their names, for where the name is all that is known. */
const remedyKind: Record<string, string> = {
  'use-adapter': 'Ask the DNS servers of another adapter',
  'use-servers': 'Ask other DNS servers',
  'edit-hosts': 'Mend a line of the hosts file',
  retry: 'Try again',
  resume: 'Resume what is suspended',
  'start-service': 'Start the transport service',
  'free-space': 'Free disk or memory',
  'limit-concurrency': 'Send less at a time',
  'fix-egress': 'Mend how connections leave',
  'publish-record': 'Publish a DNS record',
  'set-ptr': 'Have the PTR set',
  'open-port': 'Open a port outwards',
  delist: 'Have it taken off the blocklist',
  'renew-certificate': 'Renew the certificate',
  'tls-policy': 'Send without TLS for now',
  wait: 'Wait',
  'tell-sender': 'Tell the sender',
  'tell-destination': 'Tell the destination',
  'start-mailbox-server': 'Start the mailbox server',
}

/** `Ask the DNS servers of another adapter (use-adapter:LAN)` */
export function remedyOf(name: string): string {
  const [kind = ''] = name.split(':')
  return Object.hasOwn(remedyKind, kind) ? `${remedyKind[kind]} (${withTimes(name)})` : name
}

/** What one click does; null where it takes more than a click, or longer than anybody waits. */
export function clickName({ wanted, deed, until }: Remedy, now = Date.now()): string | null {
  if (wanted !== null) return 'Show the plan …'
  if (deed === 'start-service') return 'Start it now'
  if (deed === 'resume') return 'Resume now'
  if (deed !== 'retry') return null
  if (until === null) return 'Try again now'
  return Date.parse(until) - now > longestWait ? null : 'Wait, then try again'
}
