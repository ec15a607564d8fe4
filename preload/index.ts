// Hands exactly the contract to the view, as window.edgewise. Sandboxed: nothing here but Electron's bridge.
import { contextBridge, ipcRenderer } from 'electron'
import type { Api } from './contract/index.ts'
import { kinds } from './contract/kinds.ts'

type Listener = (payload: unknown) => void

const listeners = new Map<string, Set<Listener>>()
const progressOf = new Map<number, Listener>()
const allToldOf = new Map<number, () => void>()
let lastStream = 0

/** Milliseconds that an answer waits for the progress before it; a refusal has none. */
const toldLimit = 1_000

ipcRenderer.on('edgewise:event', (_event, topic: string, name: string, payload: unknown) => {
  for (const listener of [...(listeners.get(`${topic}.${name}`) ?? [])]) listener(payload)
})
ipcRenderer.on('edgewise:progress', (_event, id: number, value: unknown) => progressOf.get(id)?.(value))
ipcRenderer.on('edgewise:told', (_event, id: number) => allToldOf.get(id)?.())

const entries = {
  call: (topic: string, name: string) => (input: unknown) => ipcRenderer.invoke('edgewise:call', topic, name, input),
  stream: (topic: string, name: string) => (input: unknown, onProgress: Listener) => {
    const id = ++lastStream
    progressOf.set(id, onProgress)
    const allTold = new Promise<void>((resolve) => allToldOf.set(id, resolve))
    const result = ipcRenderer
      .invoke('edgewise:stream', id, topic, name, input)
      .then(async (answer: unknown) => {
        await Promise.race([allTold, new Promise((resolve) => setTimeout(resolve, toldLimit))])
        return answer
      })
      .finally(() => {
        progressOf.delete(id)
        allToldOf.delete(id)
      })
    return { result, cancel: () => ipcRenderer.send('edgewise:cancel', id) }
  },
  event: (topic: string, name: string) => (listener: Listener) => {
    const key = `${topic}.${name}`
    const heard = listeners.get(key) ?? new Set()
    listeners.set(key, heard)
    // One listener may subscribe twice; each gets its own place.
    const own: Listener = (payload) => listener(payload)
    heard.add(own)
    return () => void heard.delete(own)
  },
}

const api = Object.fromEntries(
  Object.entries(kinds).map(([topic, names]) => [
    topic,
    Object.fromEntries(Object.entries(names).map(([name, kind]) => [name, entries[kind as keyof typeof entries](topic, name)])),
  ]),
) as unknown as Api

contextBridge.exposeInMainWorld('edgewise', api)
