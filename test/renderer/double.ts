// Puts the double in the place of the preload, then begins the view as it is.
import { tell } from './story.ts'

const story = tell(250)
Object.assign(window, { edgewise: story.api, story })
await import('../../renderer/main.tsx')
