// Certificates for the lab's mail servers, made when they are needed: none lies about in a file, and a good one never grows old.
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'

export interface Certificate {
  /** PEM, signed with its own key: no authority stands behind the lab. */
  cert: string
  key: string
}

const day = 86_400_000
const ecdsaWithSha256 = oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02)
const commonName = oid(0x55, 0x04, 0x03)
const subjectAltName = oid(0x55, 0x1d, 0x11)

/** X.509 v3 (RFC 5280 §4.1) for one host name; the times are milliseconds since 1970, and precede 2050. */
export function makeCertificate(host: string, { from = Date.now() - day, until = Date.now() + 30 * day } = {}): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const algorithm = sequence(ecdsaWithSha256)
  const name = sequence(node(0x31, sequence(commonName, node(0x0c, Buffer.from(host)))))
  const alternative = sequence(subjectAltName, node(0x04, sequence(node(0x82, Buffer.from(host, 'latin1')))))
  const signed = sequence(
    node(0xa0, node(0x02, Buffer.from([2]))),
    node(0x02, Buffer.concat([Buffer.from([0x40]), randomBytes(8)])),
    algorithm,
    name,
    sequence(utcTime(from), utcTime(until)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    node(0xa3, sequence(alternative)),
  )
  const signature = node(0x03, Buffer.concat([Buffer.from([0]), sign('sha256', signed, privateKey)]))
  const der = sequence(signed, algorithm, signature).toString('base64')
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${der.match(/.{1,64}/g)?.join('\n')}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

/** One that was valid for a year and has not been for a month. */
export const expiredCertificate = (host: string): Certificate => makeCertificate(host, { from: Date.now() - 400 * day, until: Date.now() - 35 * day })

/** One node of DER (X.690 §8.1): tag, length, content. */
function node(tag: number, ...content: Buffer[]): Buffer {
  const body = Buffer.concat(content)
  const { length } = body
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...head]), body])
}

function sequence(...content: Buffer[]): Buffer {
  return node(0x30, ...content)
}

function oid(...bytes: number[]): Buffer {
  return node(0x06, Buffer.from(bytes))
}

function utcTime(at: number): Buffer {
  return node(0x17, Buffer.from(`${new Date(at).toISOString().replace(/^..|[-:T]|\.\d+/g, '')}`))
}
