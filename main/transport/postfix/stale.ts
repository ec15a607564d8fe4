// Whether the running Postfix asks what it is to ask, and where not, in a sentence what came between.
import type { Adapter } from '../../../preload/contract/adapters.ts'
import { isDeepStrictEqual } from 'node:util'
import { type Seen, systemsFile } from './in-effect.ts'
import { asAdaptersAre, isOurs, lookupsIn, parseResolvConf } from './resolv-conf.ts'

export interface Standing {
  /** Our resolv.conf as it was saved; empty where the system's own is to be asked. */
  own: string
  /** The system's resolv.conf, as this process sees it. */
  systems: string
  /** Our file was written after the service began. */
  isNewer: boolean
  adapters: Adapter[]
}

export interface Staleness {
  /** Whether a restart would make it ask otherwise. */
  isStale: boolean
  /** Null where nothing happened but what an administrator saved. */
  text: string | null
}

const fresh: Staleness = { isStale: false, text: null }

export function stalenessOf({ own, systems, isNewer, adapters }: Standing, seen: Seen | null): Staleness {
  const now = asAdaptersAre(own, adapters)
  if (!seen || seen.text === null) return { isStale: now.text !== own, text: null }
  const isSame = (text: string) => isDeepStrictEqual(parseResolvConf(text), parseResolvConf(seen.text ?? ''))
  const asked = parseResolvConf(seen.text).servers.join(', ')
  if (isSame(now.text || systems)) return now.problem === null ? fresh : { isStale: false, text: `${now.problem} Postfix goes on to ask what was there before: ${asked}.` }
  if (own === '') {
    const isCopy = seen.path !== systemsFile && !isOurs(seen.text)
    return { isStale: true, text: isCopy ? `The system’s ${systemsFile} has changed, and Postfix still reads the copy ${seen.path}: ${asked}. A restart of the transport service brings it up to date.` : null }
  }
  if (!isNewer && !isOurs(seen.text))
    return { isStale: true, text: `${seen.path} was replaced while Postfix ran (by a DHCP client, for one): instead of the chosen DNS servers it asks ${asked} since then. A restart of the transport service mends that.` }
  const { source } = lookupsIn(own)
  const whose = source.kind === 'adapter' ? `The adapter “${adapters.find(({ id }) => id === source.id)?.name ?? source.name}” has` : 'The adapters have'
  if (isSame(own)) return { isStale: true, text: `${whose} other DNS servers by now (${parseResolvConf(now.text).servers.join(', ')}) than Postfix asks (${asked}). A restart of the transport service makes it ask those.` }
  return { isStale: true, text: null }
}
