// DKIM of a message that waits (RFC 6376), verified by mailauth with our own questions, as far as its file may be read.
import { open } from 'node:fs/promises'
import type { Message } from '../../preload/contract/queues.ts'
import { resolverOf } from './dns-for-mailauth.ts'
import { rawRead, type Looking, type Told } from './looking.ts'

/** Bytes that are read of a message: more of it would only take longer. */
const most = 20 * 1024 * 1024

export async function dkimOf(sample: Message, looking: Pick<Looking, 'questions' | 'servers'>): Promise<Told> {
  const { id, size, stored } = sample
  const about = { target: id }
  const unseen = (why: string): Told => ({ ...about, verdict: 'not-known', text: `Whether message ${id} is signed with DKIM cannot be seen: ${why}.`, raw: rawRead(sample), fact: null })
  if (stored === undefined) return unseen('this transport does not let its messages be read')
  if (size > most) return unseen(`it has ${size} bytes`)
  let message: Buffer
  try {
    message = await lastBytes(stored, size)
  } catch (error) {
    return unseen(error instanceof Error ? error.message : String(error))
  }
  const { dkimVerify } = await import('mailauth/lib/dkim/verify.js')
  const raw: string[] = []
  const { headerFrom, results } = await dkimVerify(message, { resolver: resolverOf(looking, raw) as never })
  const domain = headerFrom[0]?.slice(headerFrom[0].lastIndexOf('@') + 1).toLowerCase() ?? ''
  const signatures = results.flatMap(({ signingDomain, selector, status }) => (signingDomain ? [{ by: signingDomain, selector: selector ?? '', result: status.result, comment: status.comment ?? '', isAligned: Boolean(status.aligned) }] : []))
  const passing = signatures.filter(({ result }) => result === 'pass')
  const result = signatures.length === 0 ? 'none' : passing.some(({ isAligned }) => isAligned) ? 'aligned' : passing.length > 0 ? 'other-domain' : signatures.some(({ result: one }) => one === 'temperror') ? 'unknown' : 'fail'
  const words = signatures.map(({ by, selector, result: one, comment }) => `${selector}._domainkey.${by}: ${one}${comment === '' ? '' : ` (${comment})`}`).join('; ')
  return {
    ...about, verdict: result === 'aligned' ? 'good' : result === 'unknown' ? 'not-known' : 'odd', raw: [headersOf(message), ...raw].join('\n\n').slice(0, 100_000),
    text: `Message ${id} from ${domain || 'nobody'} ${signatures.length === 0 ? 'has no DKIM signature' : `is signed with DKIM: ${words}`}.`,
    fact: { kind: 'dkim', domain, result },
  }
}

/** What is signed, and where its signature would stand. */
function headersOf(message: Buffer): string {
  const end = message.indexOf('\r\n\r\n')
  return message.toString('latin1', 0, end === -1 ? Math.min(message.length, 20_000) : end)
}

async function lastBytes(path: string, size: number): Promise<Buffer> {
  const file = await open(path, 'r')
  try {
    const { size: all } = await file.stat()
    const bytes = Buffer.alloc(Math.min(size, all))
    await file.read(bytes, 0, bytes.length, all - bytes.length)
    return bytes
  } finally {
    await file.close()
  }
}
