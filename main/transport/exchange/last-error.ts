// A queue's or message's LastError in its forms: 2013's `[{LRT=…};{LED=…};{FQDN=…};{IP=…}]`, 2016's `[{LED=…};{MSG=…};…]`,
// 2010's plain text. Read by key, in any order: the times in it are in the culture of the server.

export interface LastError {
  /** What the destination or Exchange itself said. */
  text: string
  host: string | null
  address: string | null
}


/** Null where there is none. */
export function readLastError(raw: string | null): LastError | null {
  const text = raw?.trim() ?? ''
  if (text === '') return null
  if (!/^\[\{(LRT|LED|MSG|FQDN|IP)=/.test(text)) return { text, host: null, address: null }
  const found = new Map<string, string>()
  // A value may have braces of its own: it ends where the next key begins, or the whole does.
  const places = [...text.matchAll(/(?:^\[|;)\{(LRT|LED|MSG|FQDN|IP)=/g)]
  places.forEach((place, at) => {
    const end = places[at + 1]?.index ?? text.length
    const value = text.slice(place.index + place[0].length, end).replace(at === places.length - 1 ? /\}\]?$/ : /\}$/, '')
    found.set(place[1] ?? '', value.trim())
  })
  const said = (key: string) => found.get(key) || null
  const error = said('LED') ?? ''
  const more = said('MSG')
  return { text: more && !error.includes(more) ? `${error} ${more}`.trim() : error || text, host: said('FQDN'), address: said('IP') }
}
