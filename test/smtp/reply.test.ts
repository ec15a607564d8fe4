// Every phrase and code that is known to bear a meaning, alone or as its provider says it; and the order of the evidence.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { explainedSchema, longestReply, type ReplyCategory } from '../../preload/contract/smtp.ts'
import { explain } from '../../main/smtp/reply.ts'

const target = (inner: string) =>
  `451 4.4.0 Primary target IP address responded with: "${inner}" Attempted failover to alternate host, but that did not succeed. Either there are no alternate hosts, or delivery failed to all alternate hosts.`

const enhanced: [string, ReplyCategory][] = [
  ['5.1.1', 'recipient-unknown'],
  ['5.1.2', 'domain-invalid'],
  ['5.1.3', 'recipient-unknown'],
  ['5.1.6', 'recipient-unknown'],
  ['5.1.7', 'sender-dns'],
  ['4.1.8', 'sender-dns'],
  ['5.1.10', 'domain-invalid'],
  ['5.2.1', 'recipient-unknown'],
  ['4.2.2', 'mailbox-full'],
  ['5.2.2', 'mailbox-full'],
  ['5.2.3', 'too-large'],
  ['4.3.1', 'server-busy'],
  ['4.3.2', 'server-busy'],
  ['5.3.4', 'too-large'],
  ['4.4.1', 'connect-failed'],
  ['4.4.2', 'connect-failed'],
  ['4.4.3', 'dns-failure'],
  ['5.4.4', 'domain-invalid'],
  ['4.4.5', 'server-busy'],
  ['5.4.6', 'protocol-error'],
  ['4.4.7', 'expired'],
  ['5.5.1', 'protocol-error'],
  ['5.5.3', 'rate-limited'],
  ['5.6.1', 'protocol-error'],
  ['5.7.0', 'unknown'],
  ['5.7.1', 'unknown'],
  ['5.7.4', 'tls'],
  ['5.7.10', 'tls'],
  ['5.7.20', 'auth-policy'],
  ['5.7.23', 'auth-policy'],
  ['5.7.24', 'auth-policy'],
  ['5.7.26', 'auth-policy'],
  ['5.7.25', 'sender-ptr'],
  ['5.7.27', 'sender-dns'],
  ['5.7.28', 'rate-limited'],
  ['5.4.312', 'dns-failure'],
  ['5.4.316', 'connect-failed'],
  ['5.7.321', 'tls'],
  ['5.7.325', 'tls'],
]

it.each(enhanced)('takes %s for %s where the text says nothing', (code, category) => {
  expect(explain(`${code[0]}50 ${code} zzqq`)).toMatchObject({ category, enhanced: code, code: `${code[0]}50`, permanent: code.startsWith('5') })
})

const phrases: [string, ReplyCategory][] = [
  ['450 4.2.1 receiving mail at a rate that prevents additional messages', 'rate-limited'],
  ['421 4.7.28 an unusual rate of unsolicited mail', 'rate-limited'],
  ['550 5.7.1 the very low reputation of the sending IP', 'reputation-or-blocklist'],
  ['550 5.7.1 likely unsolicited mail', 'spam-content'],
  ['552 5.7.0 its content presents a potential security issue', 'spam-content'],
  ['552 5.7.0 Our system detected an illegal attachment', 'spam-content'],
  ['550 5.7.25 does not have a PTR record', 'sender-ptr'],
  ['550 5.7.26 has an SPF record with a hard fail policy (-all)', 'auth-policy'],
  ['550 5.7.26 blocked because the sender is unauthenticated', 'auth-policy'],
  ['452 4.2.2 inbox is out of storage space', 'mailbox-full'],
  ['421 4.7.0 TLS required for RCPT domain', 'tls'],
  ['550 5.7.1 This message is not RFC 5322 compliant', 'protocol-error'],
  ['550 5.7.1 part of their network is on our block list (S3150)', 'reputation-or-blocklist'],
  ['550 5.7.606 Access denied, banned sending IP [192.0.2.1]', 'reputation-or-blocklist'],
  ['550 5.7.511 Access denied, banned sender', 'reputation-or-blocklist'],
  ['451 4.7.650 temporarily rate limited due to IP reputation', 'reputation-or-blocklist'],
  ['421 RP-001 messages weren’t sent', 'reputation-or-blocklist'],
  ['550 SC-001 zzqq', 'reputation-or-blocklist'],
  ['550 DY-001 zzqq', 'reputation-or-blocklist'],
  ['451 4.7.500 Server busy. Please try again later (AS780090)', 'rate-limited'],
  ['550 5.4.1 Recipient address rejected: Access denied', 'recipient-unknown'],
  ['550 5.7.509 Access denied, sending domain does not pass DMARC verification', 'auth-policy'],
  ['550 5.7.515 Access denied', 'auth-policy'],
  ['451 4.7.0 Temporary server error. Please try again later. PRX4', 'server-busy'],
  ['452 4.3.1 Insufficient system resources', 'server-busy'],
  ['554 5.2.121 exceeded their limit for the number of messages', 'rate-limited'],
  ['421 4.7.0 [TSS04] zzqq', 'reputation-or-blocklist'],
  ['553 5.7.1 [BL21] zzqq', 'reputation-or-blocklist'],
  ['554 5.7.9 [PH01] zzqq', 'spam-content'],
  ['451 4.1.8 unresolvable RFC.5321 from domain', 'sender-dns'],
  ['421 Max message per connection reached', 'rate-limited'],
  ['450 4.7.1 deferred due to excessive volume', 'rate-limited'],
  ['550 5.7.1 [CS01] Message rejected due to local policy', 'policy-other'],
  ['554 5.7.1 [HM08] Message rejected due to local policy', 'policy-other'],
  ['554 Blocked - see https://support.proofpoint.com/dnsbl-lookup.cgi?ip=192.0.2.1', 'reputation-or-blocklist'],
  ['451 Internal resource temporarily unavailable', 'greylisted'],
  ['554 Poor Reputation Sender', 'reputation-or-blocklist'],
  ['554 Email rejected due to security policies', 'spam-content'],
  ['550 Administrative prohibition - envelope blocked', 'policy-other'],
  ['554 Host network not allowed', 'policy-other'],
  ['550 permanent failure for one or more recipients (a@example.com:blocked)', 'policy-other'],
  ['550 cuda_nsu 5.1.1 <a@example.com>... User unknown', 'recipient-unknown'],
  ['554 192.0.2.1 #BL000010 see BL000010', 'reputation-or-blocklist'],
  ['452 4.1.1 too many recent messages', 'rate-limited'],
  ['550 5.2.0 rejected, see DM000001', 'auth-policy'],
  ['553 5.3.0 DNSBL:ATTRBL 521', 'reputation-or-blocklist'],
  ['550 Fix reverse DNS for 192.0.2.1', 'sender-ptr'],
  ['554 rejected AUP#CXBL', 'reputation-or-blocklist'],
  ['554 rejected AUP#CXDNS', 'sender-ptr'],
  ['421 server temporarily unavailable AUP#In-1310', 'rate-limited'],
  ['554 Bad DNS PTR resource record', 'sender-ptr'],
  ['554 IP address is block listed', 'reputation-or-blocklist'],
  ['550 Invalid DNS MX or A/AAAA resource record', 'sender-dns'],
  ['552 Requested mail action aborted: exceeded storage allocation', 'mailbox-full'],
  ['554 IP=192.0.2.1 - None/bad reputation. (NOWL)', 'reputation-or-blocklist'],
  ['550 zzqq OFR_416', 'recipient-unknown'],
  ['552 zzqq LPN007_417', 'mailbox-full'],
  ['421 zzqq OFR005_104', 'rate-limited'],
  ['550 zzqq OFR006_102', 'reputation-or-blocklist'],
  ['550 zzqq ofr_506', 'spam-content'],
  ['501 zzqq OFR_405', 'sender-dns'],
  ['421 zzqq OFR005_505', 'server-busy'],
  ['501 zzqq LPN007_517', 'auth-policy'],
  ['550 5.1.1 has sent to too many recipients this hour. IB607', 'rate-limited'],
  ['554 Connection refused. IB104', 'reputation-or-blocklist'],
  ['421 Temporarily rejected. IB108', 'sender-ptr'],
  ['552 zzqq IB212', 'spam-content'],
  ['550 zzqq IB506', 'sender-dns'],
  ['550 zzqq IB508', 'auth-policy'],
  ['550 Connection frequency limited', 'rate-limited'],
  ['554 DT:SPM 163 mx1', 'spam-content'],
  ['421 HL:IFC 163 mx1', 'rate-limited'],
  ['450 MI:DMC 163 mx1', 'rate-limited'],
  ['450 4.2.0 Greylisted, see http://postgrey.example.com', 'greylisted'],
  ['450 4.7.1 Client host rejected: cannot find your reverse hostname', 'sender-ptr'],
  ['450 4.1.8 Sender address rejected: Domain not found', 'sender-dns'],
  ['450 4.1.2 Recipient address rejected: Domain not found', 'domain-invalid'],
  ['Name service error for name=example.com type=MX: Host not found, try again', 'dns-failure'],
  ['550 5.7.1 <localhost>: Helo command rejected: You are not me', 'sender-ptr'],
  ['452 4.3.1 Insufficient system storage', 'server-busy'],
  ['Cannot start TLS: handshake failure', 'tls'],
  ['451 4.7.1 Try again later', 'greylisted'],
]

it.each(phrases)('understands “%s” as %s', (text, category) => {
  expect(explain(text).category).toBe(category)
})

const lastErrors: [string, ReplyCategory][] = [
  ['400 4.4.7 Message delayed', 'expired'],
  ['451 4.4.0 DNS query failed', 'dns-failure'],
  ['451 4.4.0 DNS query failed. The error was: SMTPSEND.DNS.NonExistentDomain; nonexistent domain', 'dns-failure'],
  ['4.4.0 DNS query failed. The error was: DNS query failed with error ErrorRetry.', 'dns-failure'],
  [target('451 5.7.3 Cannot achieve Exchange Server authentication.'), 'policy-other'],
  [target('454 4.7.0 Temporary authentication failure.'), 'policy-other'],
  [target('421 4.2.1 Unable to connect.'), 'connect-failed'],
  [target('421 4.4.2 Unable to connect'), 'connect-failed'],
  [target('421 4.4.1 Connection timed out.'), 'connect-failed'],
  ['441 4.4.1 Error encountered while communicating with primary target IP address: "Failed to connect. Winsock error code: 10060, Win32 error code: 10060." Attempted failover to alternate host, but that did not succeed. The last endpoint attempted was 192.0.2.1:25', 'connect-failed'],
  ['{LED=451 4.4.397 Error communicating with target host. -> 421 4.2.1 Unable to connect -> SocketTimedout: Socket error code 10060}', 'connect-failed'],
  ['{LED=451 4.4.395 Target host responded with error. -> 421 4.3.2 Service not available}', 'server-busy'],
  ['451 4.4.395 Target host responded with error. -> 421 4.4.2 Connection dropped due to ConnectionReset', 'connect-failed'],
  ['451 4.4.395 Target host responded with error. -> 454 4.7.0 Temporary authentication failure', 'policy-other'],
  [`450 4.7.0 Proxy session setup failed on Frontend with '${target('451 4.4.0 Security status InvalidToken.')}'`, 'tls'],
  ["450 4.4.101 Proxy session setup failed on Frontend with '451 5.7.3 STARTTLS is required to send mail.'", 'tls'],
  ['A matching connector cannot be found to route the external recipient', 'unknown'],
  ['421 4.3.2 The maximum number of concurrent server connections has exceeded a per-source limit, closing transmission channel', 'rate-limited'],
  ['421 4.3.2 The maximum number of concurrent connections has exceeded a limit, closing transmission channel', 'rate-limited'],
  ['452 4.3.1 Insufficient system resources', 'server-busy'],
  ['451 4.7.0 Temporary server error. Please try again later. PRX2', 'server-busy'],
  ['454 4.7.5 Certificate validation failure', 'tls'],
  ['450 4.7.320 Certificate validation failed [Message=SubjectMismatch]', 'tls'],
  ['450 4.4.316 Connection refused [Message=Socket error code 10061]', 'connect-failed'],
  ['451-4.7.23 Message deferred - unable to verify SPF policy', 'auth-policy'],
  ['554 5.4.4 SMTPSEND.DNS.NonExistentDomain; nonexistent domain', 'domain-invalid'],
  ['550 4.4.7 QUEUE.Expired; message expired', 'expired'],
  ['554 5.4.6 Hop count exceeded - possible mail loop', 'protocol-error'],
]

it.each(lastErrors)('understands Exchange’s last error “%s” as %s', (text, category) => {
  expect(explain(text).category).toBe(category)
})

it('lets the text outweigh the code, and the provider’s own code the text', () => {
  expect(explain('550 5.1.1 has sent to too many recipients this hour').category).toBe('rate-limited')
  expect(explain('452 4.1.1 user over quota').category).toBe('mailbox-full')
  expect(explain('550 5.2.1 Mailbox unavailable. Your IP address 192.0.2.1 is blacklisted').category).toBe('reputation-or-blocklist')
  expect(explain('421 4.7.0 [TSS04] Messages temporarily deferred due to unexpected volume').category).toBe('reputation-or-blocklist')
})

it('takes neither a denial nor a threat for the cause', () => {
  expect(explain('554 5.7.1 Spam message rejected; your IP is not blacklisted').category).toBe('spam-content')
  expect(explain('550 5.1.0 recipient unknown, 3rd offence and your server gets blacklisted').category).toBe('recipient-unknown')
  expect(explain('554 5.7.1 Spam message rejected; your IP is blacklisted').category).toBe('reputation-or-blocklist')
})

it('lets a code that nobody misuses decide between two causes that are as clear', () => {
  expect(explain('550 5.7.23 PTR and SPF fail').category).toBe('auth-policy')
  expect(explain('550 5.7.25 PTR and SPF fail').category).toBe('sender-ptr')
  expect(explain('550 5.1.1 PTR and SPF fail').category).toBe(explain('550 PTR and SPF fail').category)
})

it('knows that one phrase means different things at different hosts', () => {
  const said = '451 4.7.1 Service unavailable - try again later'
  expect(explain(`host mx01.mail.icloud.com[192.0.2.1] said: ${said} (in reply to RCPT TO command)`).category).toBe('server-busy')
  expect(explain(`host plesk.example.com[192.0.2.1] said: ${said} (in reply to RCPT TO command)`).category).toBe('greylisted')
  expect(explain('554 5.7.1 <a@example.com>: Recipient address rejected: Access denied').category).toBe('policy-other')
  expect(explain('host example-com.mail.protection.outlook.com[192.0.2.1] said: 554 5.7.1 Recipient address rejected: Access denied').category).toBe('recipient-unknown')
})

it('classifies an expiry by the cause that it quotes', () => {
  expect(explain('554 4.4.7 Message expired: unable to deliver in 840 minutes.<421 4.4.2 Connection timed out>').category).toBe('connect-failed')
  expect(explain('550 5.4.312 Message expired, DNS query failed').category).toBe('dns-failure')
})

it('tells whether to try again by the first digit, and by what the text says against it', () => {
  expect(explain('450 zzqq').permanent).toBe(false)
  expect(explain('550 zzqq').permanent).toBe(true)
  expect(explain('Connection timed out').permanent).toBeNull()
  const deferred = explain('421 4.7.1 [TS03] All messages from 192.0.2.1 will be permanently deferred; Retrying will NOT succeed.')
  expect(deferred).toMatchObject({ permanent: true, code: '421' })
  expect(deferred.meaning).toContain('this will not succeed')
})

it('names the host and the list in the meaning', () => {
  const { meaning, host, command, stage } = explain('host mx.example.net[192.0.2.1] said: 554 5.7.1 blocked using zen.spamhaus.org (in reply to RCPT TO command)')
  expect({ host, command, stage }).toEqual({ host: 'mx.example.net', command: 'RCPT TO', stage: 'rcpt' })
  expect(meaning).toMatch(/^The host mx\.example\.net refuses .* as told by Spamhaus\.$/)
})

it('takes nobody’s name for a reason', () => {
  expect(explain('550 5.7.1 <spam-quota@blacklist.example.com> Rejected').category).toBe('unknown')
  expect(explain('host greylist.spamfilter.example.com[192.0.2.1] said: 550 5.7.1 Rejected (in reply to RCPT TO command)').category).toBe('unknown')
})

const pieces = ['550 ', '550-5.7.1 ', '451 4.4.0 ', 'responded with: "', '" Attempted failover', '{LED=', '};{FQDN=', ' -> ', 'host a[1] said: ', '(in reply to ', '>>> RCPT', '<<< 550', 'stat=Deferred: ', 'Diagnostic-Code: smtp;', '\n', '=?utf-8?q?', '=\n', '&#6', 'SMTP error from remote mail server after ', '[Message=', '#550 ', '##', '$B', '(B', 'status=deferred (', 'Remote host said: ', 'not ', 'user ', 'your ip ', 'Content-Type: multipart/mixed; boundary=a\n\n--a\n', 'Content-Transfer-Encoding: base64\n\nNTUw', 'Command output: ', "SMTPDataError: (554, b'", 'Remote host said: 550 ', '<a@example.com>:\n', 'https:// ']

it('answers any text in the form of the contract, made of wrappers or of anything', () => {
  const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 400 }), fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 8 })), { maxLength: 60 }).map((parts) => parts.join('')))
  fc.assert(fc.property(text, (given) => explainedSchema.safeParse(explain(given)).success), { numRuns: 2_000 })
})

it('reads the longest text that may be asked, whatever is repeated in it', () => {
  for (const piece of pieces) expect(explain(piece.repeat(Math.ceil(longestReply / piece.length))).inner.length).toBeLessThanOrEqual(6_000)
}, 120_000)
