// What lies around the edge server in a window's test: DNS servers that answer, fail, deny or keep silent, and a
// destination that takes mail, all on loopback.
import { openDestination, type Delivered } from '../../main/lab/destination.ts'
import { openDnsServer } from '../../main/lab/dns.ts'
import type { Behaviour } from '../../main/lab/scenario.ts'
import { readRecord, type ZoneRecord } from '../../main/lab/zone.ts'

/** Those of the adapters LAN and DMZ, and two that only a list of servers names. */
const behaviours: Record<string, Behaviour> = {
  '10.0.0.10:53': 'answer',
  '[fd00::10]:53': 'answer',
  '203.0.113.53:53': 'servfail',
  '198.51.100.53:53': 'nxdomain',
  '192.0.2.53:53': 'silent',
}
/** Typed in tests, and nobody's: asked for real, somebody else's network might answer. */
const nobodys = ['10.0.0.1:53', '10.0.0.2:53', '10.0.0.3:53', '10.0.0.9:5353', '[fd00::1]:53', '203.0.113.99:53']
const closed = '127.0.0.1:1'
const zone = ['. NS a.root.test', 'example.test MX 10 mail.example.test', 'mail.example.test A 198.51.100.25']

export interface Surroundings {
  reach: Record<string, string>
  arrived: readonly Delivered[]
  stop(): Promise<void>
}

export async function openSurroundings(): Promise<Surroundings> {
  const destination = await openDestination({ banner: 'mail.example.test', accepts: true })
  const reach: Record<string, string> = { '198.51.100.25:25': `127.0.0.1:${destination.port}` }
  for (const address of nobodys) reach[address] = closed
  const stops = [destination.stop]
  for (const [address, behaviour] of Object.entries(behaviours)) {
    const server = await openDnsServer(behaviour, zone.map(record))
    stops.push(server.stop)
    reach[address] = `127.0.0.1:${server.port}`
  }
  return {
    reach,
    arrived: destination.delivered,
    stop: async () => {
      await Promise.all(stops.map((stop) => stop()))
    },
  }
}

function record(line: string): ZoneRecord {
  const read = readRecord(line)
  if ('problem' in read) throw new Error(read.problem)
  return read
}
