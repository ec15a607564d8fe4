// Opens the SMTP test for somebody, from anywhere in the console.
import { useWhere } from '../console/place.ts'
import { emptyDraft, useForm } from './form.ts'
import { forget, lookUp, setServer } from './testing.ts'

/** For a domain its postmaster is asked for, whom every domain must have (RFC 5321 §4.5.1). Looks up at once, tests nothing. */
export function openSmtpTest(recipientOrDomain: string): void {
  const recipient = recipientOrDomain.includes('@') ? recipientOrDomain : `postmaster@${recipientOrDomain}`
  const { server, go } = useWhere.getState()
  setServer(server)
  forget()
  // The sender and the choices under “More” stay: they are about this edge server, not about the recipient.
  useForm.setState(({ draft }) => ({ draft: { ...draft, recipient, host: emptyDraft.host, sends: false } }))
  go('smtp')
  void lookUp()
}
