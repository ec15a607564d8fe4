// `edgewise smtp-test` as a process of its own, in the world of a test's machine.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { answering, certificate, polite, raw, smtpServer } from '../smtp/peers.ts'
import { cli, machine, start, type Machine } from './edgewise-process.ts'

/** Where a process’s environment can be read, and util-linux has its own terminal for a command. */
const isLinux = existsSync('/proc/self/environ')

let edge: Machine
beforeAll(async () => {
  edge = await machine()
  expect((await edge.run('lookups', 'set', 'internal', '--adapter', 'LAN')).code).toBe(0)
})
afterAll(() => edge?.end())

const test = (...args: string[]) => edge.run('smtp-test', 'alice@example.test', ...args)

it('tells the route and the transcript as they come, a table at the end, and sends nothing', async () => {
  const { code, stdout, stderr } = await test('--from', 'bob@corp.test', '--helo', 'edge.corp.test')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toContain('example.test, as the transport finds it: 10.0.0.10 answers 10 mail.example.test')
  expect(stdout).toMatch(/\d\d:\d\d:\d\d\.\d{3} > EHLO edge\.corp\.test\n.* < 250[- ]/)
  expect(stdout).toMatch(/> RCPT TO:<alice@example\.test>\n.*< 250 .*\n.*> QUIT/)
  expect(stdout).toMatch(/Host +Address +From +Outcome +Time +Last\nmail\.example\.test +198\.51\.100\.25 +127\.0\.0\.1 +accepted /)
  expect(stdout).not.toMatch(/> DATA/)
  expect(edge.arrived()).toEqual([])
})
it('sends a message with --data, with the null sender too', async () => {
  const { code, stdout } = await test('--data', '--subject', 'From the test', '--body', 'Hello')
  expect(code).toBe(0)
  expect(stdout).toContain('> MAIL FROM:<>')
  expect(edge.arrived()).toEqual(['From the test'])
})
it('answers in JSON what the contract says, after a line for each step', async () => {
  const { code, lines, json } = await test('--json')
  expect(code).toBe(0)
  expect(lines().slice(0, -1).map(({ kind }) => kind)).toEqual(expect.arrayContaining(['route', 'begun', 'step', 'ended']))
  expect(json()).toMatchObject({ dialogues: [{ host: 'mail.example.test', outcome: 'accepted' }], route: { domain: 'example.test', transport: { problem: null } }, text: '1 dialogue: 1 accepted.' })
})

describe('ends with 1', () => {
  it('where a step was refused, with the category’s remedy', async () => {
    const peer = await raw(answering({ ...polite, RCPT: '550 5.1.1 User unknown\r\n' }))
    const { code, stdout } = await test('--host', '127.0.0.1', '--port', String(peer.port))
    expect(code).toBe(1)
    expect(stdout).toMatch(/127\.0\.0\.1 +127\.0\.0\.1 +127\.0\.0\.1 +refused .*The host refuses the recipient: 550 5\.1\.1 User unknown/)
    expect(stdout).toContain('Check the recipient’s address, and tell the sender.')
  })
  it('where nobody can be found', async () => {
    const { code, stdout } = await edge.run('smtp-test', 'alice@nowhere.test')
    expect(code).toBe(1)
    expect(stdout).toMatch(/No host could be tested\. Mail would wait here: There is no domain nowhere\.test/)
  })
  it('where the host is hostile, whose words obey no terminal', async () => {
    const peer = await raw(answering({ ...polite, RCPT: '550 \u001b[2J\u0007red\r\n' }))
    const { code, stdout } = await test('--host', '127.0.0.1', '--port', String(peer.port))
    expect(code).toBe(1)
    expect(stdout).toContain('550 \\x1b[2J\\x07red')
    expect([...stdout].every((character) => character === '\n' || character >= ' ')).toBe(true)
  })
})

it('several hosts speak at once, each line with its host', async () => {
  const peers = [await raw(answering(polite)), await raw(answering({ ...polite, MAIL: '451 4.3.2 Busy\r\n' }))]
  const world = JSON.parse(readFileSync(join(edge.folder, 'world.json'), 'utf8')) as { reach: Record<string, string> }
  world.reach = { ...world.reach, '198.51.100.25:2525': `127.0.0.1:${peers[0]?.port}`, '[2001:db8::25]:2525': `127.0.0.1:${peers[1]?.port}` }
  writeFileSync(join(edge.folder, 'two.json'), JSON.stringify({ ...world, hostsFile: 'two-hosts' }))
  writeFileSync(join(edge.folder, 'two-hosts'), '198.51.100.25 mx.two.test\n2001:db8::25 mx.two.test\n')
  const { code, stdout } = await start(['smtp-test', 'alice@example.test', '--host', 'mx.two.test', '--port', '2525', '--home', edge.home, '--world', join(edge.folder, 'two.json')]).ended
  expect(code).toBe(1)
  expect(stdout).toMatch(/^mx\.two\.test \[198\.51\.100\.25\] {2}\d\d:\d\d:\d\d\.\d{3} < 220 raw\.test ESMTP$/m)
  expect(stdout).toMatch(/^mx\.two\.test \[2001:db8::25\] {2}deferred: The host does not take the sender for now: 451 4\.3\.2 Busy$/m)
  expect(stdout).toContain('2 dialogues: 1 accepted, 1 deferred.')
})

describe('TLS and passwords', () => {
  it('a chain that this machine trusts has no problem, and the password is shown nowhere', async () => {
    const peer = await smtpServer({ ...certificate('good'), authMethods: ['PLAIN'], onAuth: ({ password }, _, done) => done(password === 'open sesame' ? null : new Error('no'), { user: 'x' }) })
    const args = ['smtp-test', 'alice@example.test', '--host', '127.0.0.1', '--port', String(peer.port), '--tls', 'required', '--auth-user', 'u', '--home', edge.home, '--world', join(edge.folder, 'world.json')]
    const { code, stdout, stderr } = await start(args, { EDGEWISE_SMTP_PASSWORD: 'open sesame', NODE_EXTRA_CA_CERTS: join(import.meta.dirname, '../smtp/certificates/authority.pem') }).ended
    expect(code).toBe(0)
    expect(stdout).toMatch(/> AUTH PLAIN \*{8}\n.*< 235/)
    expect(stdout).toContain('certificate of mail.example.test, issued by Edgewise test authority')
    expect(stdout).not.toMatch(/cannot be trusted|not among the known/)
    expect(stdout + stderr).not.toMatch(/open sesame|AHUAb3BlbiBzZXNhbWU/)
  })
  it.runIf(isLinux)('the transport service that it starts does not get the password', async () => {
    const fresh = await machine()
    try {
      const args = ['smtp-test', 'alice@example.test', '--auth-user', 'u', '--home', fresh.home, '--world', join(fresh.folder, 'world.json')]
      await start(args, { EDGEWISE_SMTP_PASSWORD: 'open sesame' }).ended
      const pid = Number.parseInt(readFileSync(join(fresh.home, 'relay.lock'), 'utf8'), 10)
      const environment = readFileSync(`/proc/${pid}/environ`, 'utf8')
      expect(environment).toContain('ELECTRON_RUN_AS_NODE=1')
      expect(environment).not.toContain('open sesame')
    } finally {
      await fresh.end()
    }
  })
  it.runIf(isLinux)('the password is asked for at a terminal, and not shown there', async () => {
    const peer = await smtpServer({ ...certificate('good'), authMethods: ['PLAIN'], onAuth: ({ password }, _, done) => done(password === 'open sesame' ? null : new Error('no'), { user: 'x' }) })
    const verb = `'${process.execPath}' '${cli}' smtp-test alice@example.test --host 127.0.0.1 --port ${peer.port} --tls required --auth-user u --home '${edge.home}' --world '${join(edge.folder, 'world.json')}'`
    // util-linux: it runs the command at a terminal of its own, and passes on the command's exit code.
    const terminal = spawn('script', ['--quiet', '--return', '--command', verb, '/dev/null'], { stdio: ['pipe', 'pipe', 'ignore'], timeout: 60_000 })
    let shown = ''
    terminal.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (!shown.includes('Password: ') && (shown + text).includes('Password: ')) terminal.stdin.write('open sesame\r')
      shown += text
    })
    const [code] = (await once(terminal, 'close')) as [number]
    expect({ code, shown }).toEqual({ code: 0, shown: expect.stringMatching(/Password: [^]*> AUTH PLAIN \*{8}\s[^]*< 235/) })
    expect(shown).not.toContain('sesame')
  })
  it('without a password and a terminal to ask at, it is wrong usage', async () => {
    const { code, stderr } = await test('--auth-user', 'u')
    expect(code).toBe(2)
    expect(stderr).toContain('Set EDGEWISE_SMTP_PASSWORD')
  })
})

it('cancelled, it says what was done so far and ends with 130', async () => {
  const peer = await raw(answering({ ...polite, MAIL: () => {} }))
  const running = edge.start('smtp-test', 'alice@example.test', '--host', '127.0.0.1', '--port', String(peer.port))
  await running.said(/EHLO/)
  running.child.kill('SIGINT')
  const { code, stdout } = await running.ended
  expect(code).toBe(130)
  expect(stdout).toContain('1 dialogue: 1 cancelled.')
})

it.each([
  [['smtp-test'], /missing required argument 'recipient'/],
  [['smtp-test', 'alice'], /recipient: “alice” is not a mail address/],
  [['smtp-test', 'alice@example.test\r\nRSET'], /recipient: there is a line break in it/],
  [['smtp-test', 'alice@example.test', '--from', 'bob@x>\r\nRSET'], /options\.from: /],
  [['smtp-test', 'alice@example.test', '--helo', 'a b'], /options\.helo: .*no domain has/],
  [['smtp-test', 'alice@example.test', '--host', 'a b'], /host: /],
  [['smtp-test', 'alice@example.test', '--port', '0'], /whole number from 1 to 65535/],
  [['smtp-test', 'alice@example.test', '--tls', 'maybe'], /none, if-offered, required, implicit/],
  [['smtp-test', 'alice@example.test', '--source', 'WAN'], /There is no adapter “WAN”/],
  [['smtp-test', 'alice@example.test', '--subject', 'x'], /go with --data/],
])('%j is wrong usage', async (args, sentence) => {
  const { code, stdout, stderr } = await edge.run(...args)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toMatch(sentence)
})
