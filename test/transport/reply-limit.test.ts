// How long the relay waits for an answer: minutes on the Internet (RFC 5321 §4.5.3.2), less where nobody is slow.
import { expect, it } from 'vitest'
import { replyLimit } from '../../main/transport/embedded/dialogue.ts'

it.each<[string | null, number]>([[null, 5], ['EHLO edge.test\r\n', 5], ['MAIL FROM:<bob@sender.test>\r\n', 5], ['RCPT TO:<alice@example.test>\r\n', 5], ['DATA\r\n', 5], ['.\r\n', 10]])('after %j it is %d minutes', (line, minutes) => {
  expect(replyLimit(line, null)).toBe(minutes * 60_000)
  expect(replyLimit(line, 3)).toBe(3_000)
})
