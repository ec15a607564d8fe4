import { createPrivateKey, X509Certificate } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { makeCertificate } from '../../main/lab/certificate.ts'

describe('a certificate of the lab', () => {
  it('is one for its host, signed with its own key', () => {
    const { cert, key } = makeCertificate('mail.example.test')
    const read = new X509Certificate(cert)
    expect(read.checkHost('mail.example.test')).toBe('mail.example.test')
    expect(read.checkHost('other.example.test')).toBeUndefined()
    expect(read.verify(read.publicKey)).toBe(true)
    expect(read.checkPrivateKey(createPrivateKey(key))).toBe(true)
    expect(Date.parse(read.validFrom)).toBeLessThan(Date.now())
    expect(Date.parse(read.validTo)).toBeGreaterThan(Date.now())
  })
  it('can have expired', () => {
    const read = new X509Certificate(makeCertificate('mail.example.test', { from: Date.UTC(2020, 0, 2, 3, 4, 5), until: Date.UTC(2021, 0, 2) }).cert)
    expect([read.validFrom, read.validTo].map((time) => new Date(time).toISOString())).toEqual(['2020-01-02T03:04:05.000Z', '2021-01-02T00:00:00.000Z'])
  })
  it('has a number of its own', () => {
    const [a, b] = [1, 2].map(() => new X509Certificate(makeCertificate('a.test').cert).serialNumber)
    expect(a).not.toBe(b)
  })
})
