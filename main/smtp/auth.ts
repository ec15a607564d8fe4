// How a password is said in each mechanism of AUTH (RFC 4954), encoded.
import { createHmac } from 'node:crypto'

export interface Credentials {
  user: string
  password: string
}

export interface Mechanism {
  name: string
  /** After `AUTH NAME`, where it comes with the command (RFC 4954 §4). */
  initial: ((given: Credentials) => string) | null
  /** What is answered to each 334; a host that asks once more gets `*`, which gives up. */
  answers: ((given: Credentials, challenge: string) => string)[]
}

const encoded = (text: string) => Buffer.from(text).toString('base64')

const plain: Mechanism = { name: 'PLAIN', initial: ({ user, password }) => encoded(`\0${user}\0${password}`), answers: [] }
const login: Mechanism = { name: 'LOGIN', initial: null, answers: [({ user }) => encoded(user), ({ password }) => encoded(password)] }
/** RFC 2195: the password itself does not go on the wire. */
const cramMd5: Mechanism = {
  name: 'CRAM-MD5',
  initial: null,
  answers: [({ user, password }, challenge) => encoded(`${user} ${createHmac('md5', password).update(Buffer.from(challenge, 'base64')).digest('hex')}`)],
}

/** The best one that the host offers; null where it offers none of them. */
export function mechanismOf(offered: string[], secure: boolean): Mechanism | null {
  const wanted = secure ? [plain, login, cramMd5] : [cramMd5, plain, login]
  return wanted.find(({ name }) => offered.includes(name)) ?? null
}
