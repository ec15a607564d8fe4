// The innermost reply of what transports, providers and mail programs wrap around it.
import { expect, it } from 'vitest'
import { explain } from '../../main/smtp/reply.ts'

const inner: [string, string, string][] = [
  ['Exchange, once', '451 4.4.0 Primary target IP address responded with: "550 5.1.1 User unknown" Attempted failover to alternate host, but that did not succeed.', '550 5.1.1 User unknown'],
  ['Exchange, twice', `450 4.7.0 Proxy session setup failed on Frontend with '451 4.4.0 Primary target IP address responded with: "421 4.4.1 Connection timed out." Attempted failover to alternate host'`, '421 4.4.1 Connection timed out.'],
  ['Exchange 2016, in any order', '[{LRT=1/2/2024 3:04:05 PM};{LED=452 4.3.1 Insufficient system resources};{FQDN=hub.example.com};{IP=10.0.0.1}]', '452 4.3.1 Insufficient system resources'],
  ['a chain', '451 4.4.397 Error communicating with target host. -> 421 4.2.1 Unable to connect -> SocketTimedout: Socket error code 10060', 'SocketTimedout: Socket error code 10060'],
  ['a message in brackets', '450 4.4.317 Cannot connect to remote server [Message=451 5.7.3 STARTTLS is required to send mail] [LastAttemptedServerName=mx.example.com]', '451 5.7.3 STARTTLS is required to send mail'],
  ['Postfix', 'host mx.example.com[192.0.2.1] said: 550 5.1.1 User unknown (in reply to RCPT TO command)', '550 5.1.1 User unknown'],
  ['Postfix, suspended', 'delivery temporarily suspended: host mx.example.com[192.0.2.1] refused to talk to me: 421 Too many connections', '421 Too many connections'],
  ['Postfix’s log', 'Jan  1 00:00:00 mx postfix/smtp[1]: AB12: to=<a@example.com>, relay=mx.example.com[192.0.2.1]:25, delay=1, dsn=4.7.1, status=deferred (host mx.example.com[192.0.2.1] said: 450 4.7.1 Greylisted (in reply to RCPT TO command))', '450 4.7.1 Greylisted'],
  ['Postfix, about another host', '550 5.1.1 <a@example.com>: Recipient address rejected: undeliverable address: host hub.example.com[10.0.0.1] said: 550 5.7.1 Access denied (in reply to RCPT TO command)', '550 5.7.1 Access denied'],
  ['Exim', 'SMTP error from remote mail server after RCPT TO:<a@example.com>: host mx.example.com [192.0.2.1]: 550 5.1.1 User unknown', '550 5.1.1 User unknown'],
  ['Exim, in a bounce', '  a@example.com\n    host mx.example.com [192.0.2.1]\n    SMTP error from remote mail server after end of data:\n    552 Message too large', '552 Message too large'],
  ['Sendmail', '   ----- Transcript of session follows -----\n... while talking to mx.example.com.:\n>>> RCPT To:<a@example.com>\n<<< 550-5.7.1 Not\n<<< 550 5.7.1 today\n550 5.1.1 <a@example.com>... User unknown', '550 5.7.1 Not today'],
  ['Sendmail’s log', 'sm-mta[1]: x: to=<a@example.com>, mailer=esmtp, relay=mx.example.com. [192.0.2.1], dsn=4.0.0, stat=Deferred: 421 4.3.2 Service not available', '421 4.3.2 Service not available'],
  ['qmail', '<a@example.com>:\n192.0.2.1 does not like recipient.\nRemote host said: 550 User unknown\nGiving up on 192.0.2.1.\n', '550 User unknown'],
  ['Gmail', 'Delivery has failed.\n\nThe response from the remote server was:\n550 5.1.1 User unknown\n\n----- Original message -----', '550 5.1.1 User unknown'],
  ['an Exchange bounce', "mx.example.com\nRemote Server returned '550 5.1.1 RESOLVER.ADR.RecipNotFound; not found'", '550 5.1.1 RESOLVER.ADR.RecipNotFound; not found'],
  ['an older Exchange bounce', 'a@example.com\n#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##', '550 5.1.1 RESOLVER.ADR.RecipNotFound; not found'],
  ['the oldest Exchange bounce', '<mx.example.com #5.1.1 smtp;550 5.1.1 User unknown>', '550 5.1.1 User unknown'],
  ['Domino', 'Error transferring to mx.example.com.; SMTP Protocol Returned a Permanent Error 550 5.7.1 Unable to relay', '550 5.7.1 Unable to relay'],
  ['IronPort', "5.1.0 - Unknown address error 550-'5.2.2 <a@example.com>... Mailbox Full' (delivery attempts: 0)", '550 5.2.2 <a@example.com>... Mailbox Full'],
  ['Barracuda', '550 permanent failure for one or more recipients (a@example.com:550 5.1.1 User unknown)', '550 5.1.1 User unknown'],
  ['PowerMTA', 'failed,5.1.1 (bad destination mailbox address),smtp;553 Relaying disallowed', '553 Relaying disallowed'],
  ['a delivery report', 'Reporting-MTA: dns; mx.example.org\n\nFinal-Recipient: rfc822; a@example.com\nAction: failed\nStatus: 5.2.2\nDiagnostic-Code: smtp; 552 5.2.2 The mailbox\n is full\nLast-Attempt-Date: Thu, 1 Jan 2026 00:00:00 +0000', '552 5.2.2 The mailbox is full'],
  ['a whole mail', 'Return-Path: <>\nSubject: Returned mail\n\nSorry.\n\n550 5.1.1 User unknown\n\n--- Below this line is a copy of the message.\n\nSubject: 552 quota', '550 5.1.1 User unknown'],
  ['lines of a reply', '550-5.7.26 This mail has been\n550-5.7.26 blocked because the sender is\n550 5.7.26 unauthenticated.', '550 5.7.26 This mail has been blocked because the sender is unauthenticated.'],
  ['lines of a reply in one', '550-5.7.26 hard fail 550-5.7.26 policy 550 5.7.26 (-all)', '550 5.7.26 hard fail policy (-all)'],
  ['lines without enhanced code', '554-mx.example.com 554-No SMTP service 554 Bad DNS', '554 mx.example.com No SMTP service Bad DNS'],
  ['quoted-printable', 'Diagnostic-Code: smtp; 550 5.1.1 User=20unknown: =3Da=3D and b=\ncd', '550 5.1.1 User unknown: =a= and bcd'],
  ['encoded words', '550 =?utf-8?B?VXNlciB1bmtub3du?=', '550 User unknown'],
  ['HTML', '<p>550 5.1.1 &lt;a@example.com&gt; <b>unknown</b></p>', '550 5.1.1 <a@example.com> unknown'],
]

it.each(inner)('finds the reply in %s', (_, text, found) => {
  expect(explain(text).inner).toBe(found)
})

it('says who answered what', () => {
  const facts = (text: string) => (({ host, command, stage, code, enhanced }) => ({ host, command, stage, code, enhanced }))(explain(text))
  expect(facts('SMTP error from remote mail server after MAIL FROM:<a@example.com> SIZE=10: host mx.example.com [192.0.2.1]: 450 4.1.8 Domain not found')).toEqual({ host: 'mx.example.com', command: 'MAIL FROM', stage: 'mail', code: '450', enhanced: '4.1.8' })
  expect(facts('host mx.example.com[192.0.2.1] refused to talk to me: 421 busy')).toMatchObject({ host: 'mx.example.com', stage: 'banner' })
  expect(facts('[{LED=451 4.7.0 zzqq};{FQDN=hub.example.com}]')).toMatchObject({ host: 'hub.example.com', enhanced: '4.7.0' })
  expect(facts('Status: 4.2.2\nRemote-MTA: dns; mx.example.com\nDiagnostic-Code: smtp; 452 zzqq')).toMatchObject({ host: 'mx.example.com', code: '452', enhanced: '4.2.2' })
  expect(facts('Name service error for name=example.com type=MX: Host not found, try again').stage).toBe('dns')
})

it('asks what stands around a reply that says nothing', () => {
  expect(explain('451 4.4.397 Error communicating with target host. -> 421 4.2.1 Unable to connect -> zzqq')).toMatchObject({ category: 'connect-failed', code: '421' })
})

it('takes the sender’s domain for the cause where the recipient’s was accepted already', () => {
  expect(explain('host mx.example.com[192.0.2.1] said: 553 example.net does not exist (in reply to MAIL FROM command)').category).toBe('sender-dns')
  expect(explain('host mx.example.com[192.0.2.1] said: 550 Domain not found (in reply to end of DATA command)').category).toBe('sender-dns')
})

it('leaves no empty reply', () => {
  expect(explain('')).toMatchObject({ category: 'unknown', inner: '', code: null, permanent: null })
})

const mail = (encoding: string, body: string): string => `Content-Type: multipart/report; boundary="b"\nSubject: Undelivered\n\n--b\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: ${encoding}\n\n${body}\n--b\nContent-Type: message/rfc822\n\nSubject: 550 5.7.1 a virus was found\n\nMailbox full\n--b--\n`

it.each([
  ['base64', Buffer.from('Your message was refused: 550 5.1.1 zzqq no such user').toString('base64'), 'recipient-unknown'],
  ['quoted-printable', '550 5.2.2 the mailbox is over its q=\nuota =E2=80=93 sorry', 'mailbox-full'],
  ['7bit', '554 5.7.1 your address is listed in a blocklist', 'reputation-or-blocklist'],
])('reads a whole bounce by its parts, not the message it returns: %s', (encoding, body, category) => {
  expect(explain(mail(encoding, body)).category).toBe(category)
})

it.each([
  ['a body in base64 alone', Buffer.from('550 5.1.1 <user@example.com>: no such user here').toString('base64'), 'recipient-unknown'],
  ['an exception of Python', "smtplib.SMTPRecipientsRefused: {'user@example.com': (452, b'4.2.2 The mailbox is full')}", 'mailbox-full'],
  ['what a program printed', 'Command died with status 75: "/usr/bin/deliver". Command output: deliver: mailbox is full', 'mailbox-full'],
  ['a report of qmail', '<user@example.com>:\n192.0.2.1 does not like recipient.\nRemote host said: 550 zzqq unknown user\nGiving up on 192.0.2.1.', 'recipient-unknown'],
  ['a page in HTML', '<html><body><p>Delivery failed</p><b>550 5.1.1</b> The&nbsp;user&#32;does not exist</body></html>', 'recipient-unknown'],
  ['a line of JSON', '{"bounce":{"diagnosticCode":"smtp; 552 5.2.2 mailbox full"}}', 'mailbox-full'],
  ['a whole line of a log', 'Jan  1 00:00:00 mx postfix/smtp[1]: ABC: to=<user@example.com>, relay=mx.example.com[192.0.2.1]:25, delay=1, dsn=4.7.1, status=deferred (host mx.example.com[192.0.2.1] said: 450 4.7.1 Greylisted, try again (in reply to RCPT TO command))', 'greylisted'],
])('judges the reply within %s', (_, text, category) => {
  expect(explain(text).category).toBe(category)
})
