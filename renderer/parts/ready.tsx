// A part of the view whose code is read later, and which is drawn at once where that was read already: React's own lazy
// begins with nothing even then, and shows what follows nothing only after 300 ms.
import { lazy, type ComponentType } from 'react'

export function ready<P extends object>(load: () => Promise<{ default: ComponentType<P> }>) {
  let Known: ComponentType<P> | null = null
  const read = async () => {
    const module = await load()
    Known = module.default
    return module
  }
  const Later = lazy(read) as unknown as ComponentType<P>
  const Part = (props: P) => (Known ? <Known {...props} /> : <Later {...props} />)
  return Object.assign(Part, { read })
}
