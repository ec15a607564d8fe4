// What Haraka reads of TLS: the relay's certificate, shown to those that send to it and to those that ask it for one.
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../../../preload/contract/failure.ts'
import type { Settings } from './settings.ts'

/** ffdhe2048 of RFC 7919: Haraka makes a group of its own otherwise, which takes it a minute. */
const group = `-----BEGIN DH PARAMETERS-----
MIIBCAKCAQEA//////////+t+FRYortKmq/cViAnPTzx2LnFg84tNpWp4TZBFGQz
+8yTnc4kmz75fS/jY2MMddj2gbICrsRhetPfHtXV/WVhJDP1H18GbtCFY2VVPe0a
87VXE15/V8k1mE8McODmi3fipona8+/och3xWKE2rec1MKzKT0g6eXq8CrGCsyT7
YdEIqUuyyOP7uWrat2DX9GgdT0Kj3jlN9K5W7edjcrsZCwenyO4KbXCeAvzhzffi
7MA0BM0oNC9hkXL+nOmFg/+OTxIy7vKBg8P+OxtMb61zO7X8vC7CIAXFjvGDfRaD
ssbzSibBsu/6iGtCOGEoXJf//////////wIBAg==
-----END DH PARAMETERS-----
`

/** Whether TLS is offered. Throws a Failure `bad-input` where the files hold no certificate with its key; its age is not judged. */
export async function writeTlsConfig(config: string, { certificate }: Pick<Settings, 'certificate'>): Promise<boolean> {
  const place = (name: string) => join(config, name)
  if (!certificate) {
    await Promise.all(['tls.ini', 'tls_cert.pem', 'tls_key.pem', 'dhparams.pem'].map((name) => rm(place(name), { force: true })))
    return false
  }
  const [cert, key] = await Promise.all([read(certificate.cert, 'certificate'), read(certificate.key, 'key')])
  try {
    if (!new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))) throw new Error('the key is another certificate’s')
  } catch (error) {
    throw new Failure('bad-input', `The certificate ${certificate.cert} cannot be used with the key ${certificate.key}: ${error instanceof Error ? error.message : String(error)}.`, 'Name a certificate and its own key, both in PEM form, as “certificate” in settings.json.')
  }
  await writeFile(place('tls_cert.pem'), cert)
  await writeFile(place('tls_key.pem'), key)
  await writeFile(place('dhparams.pem'), group)
  await writeFile(place('tls.ini'), '[main]\nkey=tls_key.pem\ncert=tls_cert.pem\ndhparam=dhparams.pem\n')
  return true
}

async function read(file: string, what: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw new Failure('bad-input', `The ${what} ${file} cannot be read: ${error instanceof Error ? error.message : String(error)}.`, 'Mend “certificate” in settings.json, or take it out: without one no TLS is offered.')
  }
}
