// Each category in plain words: what was said, what it means, and what to do about it.
import type { ReplyCategory } from '../../preload/contract/smtp.ts'

interface Reply {
  category: ReplyCategory
  permanent: boolean | null
  code: string | null
  host: string | null
  inner: string
}

/** `{who}` is the host that answered, or “the receiving server”. */
const words: Record<ReplyCategory, [meaning: string, remedy: string]> = {
  'dns-failure': [
    'The transport’s own DNS servers gave no usable answer for the recipient’s domain. That tells nothing about the domain itself.',
    'Ask the DNS servers that the transport uses, and an independent one. If only yours fail, choose another adapter or other DNS servers.',
  ],
  'domain-invalid': [
    'DNS says that the recipient’s domain can take no mail: it does not exist, has no mail host, or publishes that it takes none.',
    'Check the spelling of the domain. If another DNS server finds it, your own one is wrong; otherwise tell the sender.',
  ],
  'connect-failed': [
    'There was no SMTP conversation with the destination, or it broke off: no answer, a refusal or a reset of the connection.',
    'Test port 25 to this host and to an unrelated one. If no host answers, the way out is blocked: firewall, virus scanner or provider.',
  ],
  greylisted: ['{who} does not know this sender yet and asks to try again later. This is greylisting, not a refusal.', 'Wait: the same message from the same address passes after 1 to 30 minutes. Keep one outgoing address, and retry at least every 15 minutes.'],
  'rate-limited': ['{who} says that there was too much at once: messages, recipients or connections.', 'Send more slowly and over fewer connections. What waits goes out by itself.'],
  'reputation-or-blocklist': [
    '{who} refuses because of the reputation of the sending address or domain{list}.',
    'Find and stop what sends unwanted mail, then ask the list or the provider for removal.',
  ],
  'spam-content': ['{who} does not like what is in the message: its text, a link, an attachment or a virus.', 'Send a plain message to the same recipient. If that passes, change the content; otherwise ask the receiver.'],
  'sender-ptr': [
    '{who} does not accept how the sending host identifies itself: its reverse DNS (PTR) or its HELO name.',
    'Give the outgoing address a PTR record with a name of its own that leads back to it, and use a full, resolvable name in HELO.',
  ],
  'sender-dns': ['{who} finds no usable MX or address record for the domain of the sender’s address.', 'Publish an MX record for the sender’s domain, or correct the sender’s address.'],
  'auth-policy': ['{who} refuses because SPF, DKIM or DMARC did not pass for the sender’s domain.', 'Add the outgoing address to the domain’s SPF record, sign with DKIM, and see that one of both matches the From address.'],
  tls: ['The encrypted connection could not be made as one side requires it.', 'Check certificates, TLS versions and the TLS policy for this domain on both sides.'],
  'mailbox-full': ['The recipient’s mailbox is full.', 'Nothing to do on the edge: tell the sender, or wait until the recipient has made room.'],
  'recipient-unknown': ['{who} has no such recipient: unknown, disabled or moved.', 'Check the recipient’s address, and tell the sender.'],
  'too-large': ['The message is larger than {who} takes.', 'Send a smaller message, or a link to the file.'],
  'server-busy': ['{who} has a trouble of its own: busy, short of resources, or out of order.', 'Wait and let the transport try again. If it lasts for hours, tell the destination’s administrator.'],
  'policy-other': ['{who} refuses by a rule of its own, such as relaying, authentication or who may write to whom.', 'Read the reply: send through the right server, authenticate, or ask the receiver to allow it.'],
  expired: ['The message waited too long. That says how long, never why.', 'Look for the last error before this one, in the queue or the log: that is the cause.'],
  'protocol-error': ['{who} did not understand the SMTP commands or the form of the message, or found a mail loop.', 'Compare the SMTP transcript with the reply: look for an SMTP proxy, a malformed message, or a host that sends to itself.'],
  unknown: ['The reply does not tell its cause.', 'Run the SMTP test to this host and read the transcript, or ask the receiver’s postmaster with the whole reply.'],
}

const lists: [RegExp, string][] = [
  [/spamhaus|\b(?:zen|sbl|xbl|pbl)\b/i, 'Spamhaus'],
  [/spamcop/i, 'SpamCop'],
  [/barracuda/i, 'Barracuda'],
  [/uceprotect/i, 'UCEPROTECT'],
  [/abusix/i, 'Abusix'],
  [/mailspike/i, 'Mailspike'],
  [/sorbs/i, 'SORBS (which is shut)'],
  [/proofpoint/i, 'Proofpoint'],
  [/cloudmark/i, 'Cloudmark'],
  [/trend ?micro|mail-abuse/i, 'Trend Micro'],
  [/senderbase|talos|ironport/i, 'Cisco Talos'],
  [/S31\d\d|sender\.office\.com|outlook\.com|live\.com/i, 'Microsoft'],
]

export function meaningOf({ category, permanent, code, host, inner }: Reply): { meaning: string; remedy: string } {
  const [meaning, remedy] = words[category]
  const list = lists.find(([pattern]) => pattern.test(inner))?.[1]
  const who = host === null ? 'the receiving server' : `the host ${host}`
  const said = meaning.replace('{who}', who).replace('{list}', list === undefined ? '' : `, as told by ${list}`)
  const sentence = said.slice(0, 1).toUpperCase() + said.slice(1)
  // A first digit of 4 asks to try again, whatever the text says.
  const contrary = permanent === true && code?.startsWith('4') ? ' The code asks to try again, but the text says that this will not succeed.' : ''
  return { meaning: `${sentence}${contrary}`, remedy }
}
