// Opens the core when it is first asked, which the view does before it draws: read any sooner, its code would hold up
// the window. Opened again when it could not be and is asked once more, since what was in the way may be gone.
import { kinds } from '../../preload/contract/kinds.ts'
import type { Edgewise } from '../edgewise.ts'

export interface Core {
  answers: Edgewise['answers']
  /** Null where it was never opened. */
  close(): Promise<void> | null
}

export function holdCore(open: () => Promise<Edgewise>, connect: (edgewise: Edgewise) => void): Core {
  let opening: Promise<Edgewise> | null = null
  const core = () => {
    opening ??= open().then(
      (edgewise) => {
        connect(edgewise)
        return edgewise
      },
      (error: unknown) => {
        opening = null
        throw error
      },
    )
    return opening
  }
  return { answers: answersOnceOpen(core), close: () => opening && opening.then((edgewise) => edgewise.close()) }
}

/** The core's answer table before there is a core: every entry waits for it. */
function answersOnceOpen(core: () => Promise<Edgewise>): Edgewise['answers'] {
  type Handlers = Record<string, Record<string, (input: unknown, asked: unknown) => Promise<unknown>>>
  const table: Handlers = {}
  for (const [topic, names] of Object.entries(kinds)) {
    if (topic === 'app') continue
    const handlers: Handlers[string] = {}
    for (const [name, kind] of Object.entries(names))
      if (kind !== 'event') handlers[name] = async (input, asked) => ((await core()).answers as unknown as Handlers)[topic]![name]!(input, asked)
    table[topic] = handlers
  }
  return table as unknown as Edgewise['answers']
}
