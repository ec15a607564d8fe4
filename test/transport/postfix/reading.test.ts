// What Postfix's programs print, read: parameters, services, errors, and who holds the master's lock.
import { describe, expect, it } from 'vitest'
import { parametersIn } from '../../../main/transport/postfix/instance.ts'
import { holderOf } from '../../../main/transport/postfix/master.ts'
import { isClientChrooted, listeningAt, servicesIn } from '../../../main/transport/postfix/master-cf.ts'
import { programFailure, saidBy } from '../../../main/transport/postfix/programs.ts'

describe('what postconf prints', () => {
  it('is names and values, also of several lines and with “=” in them', () => {
    expect([...parametersIn('a = b\nempty =\nquoted = inline:{ {x = y} }\nlong = one\n    two\n\tthree\nlast = $a, "b c"\n')]).toEqual([
      ['a', 'b'],
      ['empty', ''],
      ['quoted', 'inline:{ {x = y} }'],
      ['long', 'one\n    two\n\tthree'],
      ['last', '$a, "b c"'],
    ])
  })
})

describe('master.cf', () => {
  const services = (text: string, level = '3.6') => servicesIn(text, level)

  it('tells where mail is taken', () => {
    const at = (line: string, interfaces = 'all') => listeningAt(services(line), interfaces)?.text ?? null
    expect(at('smtp inet n - y - - smtpd')).toBe('0.0.0.0:25')
    expect(at('smtp inet n - y - 1 postscreen', 'loopback-only')).toBe('127.0.0.1:25')
    expect(at('127.0.0.1:2525 inet n - n - - smtpd -o x=y')).toBe('127.0.0.1:2525')
    expect(at('[::1]:submission inet n - n - - smtpd')).toBe('[::1]:587')
    expect(at('2526 inet n - n - - smtpd', '10.0.0.5, 127.0.0.1')).toBe('10.0.0.5:2526')
    expect(at('smtp unix - - y - - smtp')).toBeNull()
  })

  it('tells whether what delivers is chrooted; unsaid, that was so before level 1', () => {
    expect(isClientChrooted(services('smtp unix - - y - - smtp'))).toBe(true)
    expect(isClientChrooted(services('smtp unix - - - - - smtp'))).toBe(false)
    expect(isClientChrooted(services('smtp unix - - - - - smtp', '0'))).toBe(true)
    expect(isClientChrooted(services('smtp inet n - y - - smtpd'))).toBe(false)
  })
})

describe('an error of a program', () => {
  it('is told in its own words, once, without warnings', () => {
    expect(saidBy('postconf: warning: unused parameter: a=b\npostfix: fatal: bad thing\npostfix/postfix-script: fatal: bad thing\n')).toBe('bad thing')
    expect(saidBy('postsuper: warning: odd\n')).toBe('odd')
  })

  it('says what is missing: rights, or the service', () => {
    expect(programFailure('postfix', { code: 1, errors: 'postfix: fatal: the postfix command is reserved for the superuser\n' }).code).toBe('needs-administrator')
    expect(programFailure('postqueue', { code: 69, errors: 'postqueue: fatal: Queue report unavailable - mail system is down\n' }).code).toBe('transport-unreachable')
    expect(programFailure('postconf', { code: 1, errors: '' }).message).toBe('postconf ended with exit code 1 and said nothing.')
  })
})

describe('the lock of the master', () => {
  const locks = '1: FLOCK  ADVISORY  WRITE 9396 fe:00:2393377 0 EOF\n1: -> FLOCK  ADVISORY  WRITE 77 fe:00:2393378 0 EOF\n2: POSIX  ADVISORY  READ  12 fe:00:5 0 EOF\n3: POSIX  ADVISORY  WRITE 21676 00:2a:5 0 EOF\n'
  it('tells its process, and nobody who waits for it or only reads', () => {
    expect(holderOf(locks, 2393377)).toBe(9396)
    expect(holderOf(locks, 5)).toBe(21676)
    expect(holderOf(locks, 2393378)).toBeNull()
    expect(holderOf('', 5)).toBeNull()
  })
})
