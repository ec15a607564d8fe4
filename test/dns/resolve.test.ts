import { afterEach, describe, expect, test } from 'vitest'
import { resolve, type Resolved } from '../../main/dns/resolve.ts'
import {
  a, AA, answers, cname, fails, garbage, lame, mx, RA, rcode, reply, serve, silent, truncates, type Behaviour, type TestServer,
} from './server.ts'

const servers: TestServer[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

async function resolving(behaviours: Behaviour[], name = 'example.test', type: 'MX' | 'A' = 'MX', signal?: AbortSignal): Promise<Resolved> {
  for (const behave of behaviours) servers.push(await serve(behave))
  return resolve(servers.map(({ text }) => text), { name, type }, { protocol: 'any', timeout: 300, reach: (address, port) => ({ address, port }), signal })
}
const good = answers(mx('example.test', 'mx.example.test'))
const nxdomain = fails(rcode.NXDOMAIN)

test('the first server that answers decides, and the next is not asked', async () => {
  const resolved = await resolving([good, nxdomain])
  expect(resolved).toMatchObject({ kind: 'records', server: servers[0]?.text, records: [{ data: { exchange: 'mx.example.test' } }] })
  expect(servers[1]?.asked).toEqual([])
})

test.each([
  ['silent', silent],
  ['failing', fails(rcode.SERVFAIL)],
  ['refusing', fails(rcode.REFUSED)],
  ['without the code', fails(rcode.NOTIMP)],
  ['sending garbage', garbage],
  ['lame', lame],
])('a server that is %s is passed over', async (_, bad) => {
  expect(await resolving([bad, good])).toMatchObject({ kind: 'records', server: servers[1]?.text })
})

test('a server where nothing listens is passed over', async () => {
  const gone = await serve(good)
  await gone.close()
  servers.push(await serve(good))
  const resolved = await resolve([gone.text, servers[0]?.text ?? ''], { name: 'example.test', type: 'MX' }, { protocol: 'tcp', timeout: 300, reach: (address, port) => ({ address, port }) })
  expect(resolved).toMatchObject({ kind: 'records', server: servers[0]?.text })
})

test('NXDOMAIN is an answer', async () => {
  expect(await resolving([nxdomain, good])).toMatchObject({ kind: 'no-domain', server: servers[0]?.text })
})

test('a name without such records is an answer, of the domain’s own server too', async () => {
  expect(await resolving([answers()])).toMatchObject({ kind: 'no-data' })
  servers.splice(0)
  expect(await resolving([(query) => [reply(query, { flags: AA })]])).toMatchObject({ kind: 'no-data' })
})

test('a referral of a server that could ask others is none', async () => {
  const referral: Behaviour = (query) => [reply(query, { flags: RA, authorities: [{ type: 'NS', name: 'test', ttl: 60, data: 'ns.test' }] })]
  expect(await resolving([referral, good])).toMatchObject({ kind: 'records', server: servers[1]?.text })
})

test('a failure says in one line what each server did', async () => {
  const resolved = await resolving([fails(rcode.SERVFAIL), silent, lame])
  const [first, second, third] = servers.map(({ text }) => text)
  expect(resolved).toMatchObject({
    kind: 'failed',
    tries: [{ server: first, answer: { rcode: 'SERVFAIL' } }, { server: second, answer: { reason: 'silent' } }, { server: third }],
    text: `${first} answered SERVFAIL, ${second} did not answer within 0.3 s, ${third} does not know the domain and offers no recursion`,
  })
})

test('an answer cut short over UDP is no answer where TCP may not be used', async () => {
  servers.push(await serve(truncates([])))
  const resolved = await resolve([servers[0]?.text ?? ''], { name: 'example.test', type: 'MX' }, { protocol: 'udp', timeout: 300, reach: (address, port) => ({ address, port }) })
  expect(resolved).toMatchObject({ kind: 'failed', text: `${servers[0]?.text} answered only in part over UDP` })
})

test('without servers, and with one that is none', async () => {
  expect(await resolving([])).toMatchObject({ kind: 'failed', tries: [], text: 'there is no DNS server to ask' })
  const options = { protocol: 'any', timeout: 300, reach: (address: string, port: number) => ({ address, port }) } as const
  expect(await resolve(['1.2.3'], { name: 'example.test', type: 'MX' }, options)).toMatchObject({ kind: 'failed', text: '1.2.3 is not the address of a DNS server' })
})

test('a name that cannot be is no domain, and nobody is asked', async () => {
  expect(await resolving([good], 'a..b')).toEqual({ kind: 'no-domain', server: null, ms: 0 })
  expect(servers[0]?.asked).toEqual([])
})

test('cancelled, no further server is asked', async () => {
  const controller = new AbortController()
  const cancels: Behaviour = () => {
    controller.abort()
    return []
  }
  const resolved = await resolving([cancels, good], 'example.test', 'MX', controller.signal)
  expect(resolved).toMatchObject({ kind: 'failed', tries: [{ answer: { reason: 'cancelled' } }] })
  expect(servers[1]?.asked).toEqual([])
})

describe('aliases', () => {
  const chain = (length: number) => Array.from({ length }, (_, at) => cname(`n${at}.test`, `n${at + 1}.test`))

  test('are followed within the answer', async () => {
    const resolved = await resolving([answers(...chain(8), a('N8.test', '192.0.2.1'), a('other.test', '192.0.2.2'))], 'n0.test', 'A')
    expect(resolved).toMatchObject({ kind: 'records', records: [{ data: '192.0.2.1' }] })
  })

  test('that are too many or go round end as a failure', async () => {
    expect(await resolving([answers(...chain(9), a('n9.test', '192.0.2.1'))], 'n0.test', 'A')).toMatchObject({ kind: 'failed' })
    servers.splice(0)
    expect(await resolving([answers(cname('n0.test', 'n1.test'), cname('n1.test', 'n0.test'))], 'n0.test', 'A')).toMatchObject({
      kind: 'failed', text: `${servers[0]?.text} answered with aliases that lead nowhere`,
    })
  })

  test('that a resolver followed to nothing are an answer, of a server without recursion not', async () => {
    expect(await resolving([answers(cname('n0.test', 'n1.test'))], 'n0.test', 'A')).toMatchObject({ kind: 'no-data' })
    servers.splice(0)
    const alone: Behaviour = (query) => [reply(query, { flags: AA, answers: [cname('n0.test', 'elsewhere.example')] })]
    expect(await resolving([alone, answers(a('n0.test', '192.0.2.1'))], 'n0.test', 'A')).toMatchObject({ kind: 'records', server: servers[1]?.text })
  })
})
