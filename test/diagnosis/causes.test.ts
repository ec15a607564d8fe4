import { describe, expect, it } from 'vitest'
import { causesOf } from '../../main/diagnosis/causes.ts'
import type { Finding, ServersCompared } from '../../main/diagnosis/finding.ts'

type Verdict = ServersCompared['verdict']
const finding = (asked: ServersCompared['asked'], domain: string, verdict: Verdict): Finding => ({ check: 'adapters-compared', domain, asked, servers: [], verdict, text: `${asked.adapter?.id} ${domain} ${verdict}`, at: '' })
const chosen = (domain: string, verdict: Verdict, adapter = { id: 'dmz', name: 'DMZ' }) => finding({ chosen: 'internal', adapter }, domain, verdict)
const other = (id: string, domain: string, verdict: Verdict, name = id) => finding({ adapter: { id, name } }, domain, verdict)

describe('the wrong adapter', () => {
  it('is cured by the adapter that helps most', () => {
    const [cause, ...more] = causesOf([chosen('a', 'failed'), chosen('b', 'denied'), other('lan', 'a', 'usable'), other('wan', 'a', 'usable'), other('wan', 'b', 'usable')])
    expect(cause).toEqual({ name: 'dns-wrong-adapter', remedy: 'use-adapter:wan', evidence: ['dmz a failed', 'dmz b denied', 'wan a usable', 'wan b usable'] })
    expect(more).toEqual([])
  })
  it('is not cured by what would lose a domain that works', () => {
    expect(causesOf([chosen('a', 'failed'), chosen('b', 'usable'), other('lan', 'a', 'usable'), other('lan', 'b', 'failed')])).toEqual([])
  })
  it('is not named where the others only fail too, or help with nothing', () => {
    expect(causesOf([chosen('a', 'failed'), other('lan', 'a', 'failed'), other('wan', 'a', 'denied')])).toEqual([])
    expect(causesOf([chosen('a', 'failed'), chosen('b', 'usable'), other('lan', 'a', 'failed'), other('lan', 'b', 'usable')])).toEqual([])
  })
  it('names an adapter by its id where two have its name', () => {
    expect(causesOf([chosen('a', 'failed', { id: 'x', name: 'Ethernet' }), other('y', 'a', 'usable', 'Ethernet')])[0]?.remedy).toBe('use-adapter:y')
  })
  it('is not proven by what is not known', () => {
    expect(causesOf([chosen('a', 'failed'), { check: 'adapters-compared', verdict: 'not-known', text: '', at: '' }])).toEqual([])
  })
})
