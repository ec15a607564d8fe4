// Hands exactly the contract to the view, as window.edgewise. Sandboxed: nothing here but Electron's bridge.
import { contextBridge, ipcRenderer } from 'electron'
import type { Api } from './contract/index.ts'
import { kinds } from './contract/kinds.ts'

type Listener = (payload: unknown) => void

const listeners = new Map<string, Set<Listener>>()
const progressOf = new Map<number, Listener>()
let lastStream = 0

ipcRenderer.on('edgewise:event', (_event, topic: string, name: string, payload: unknown) => {
  for (const listener of [...(listeners.get(`${topic}.${name}`) ?? [])]) listener(payload)
})
ipcRenderer.on('edgewise:progress', (_event, id: number, value: unknown) => progressOf.get(id)?.(value))

const entries = {
  call: (topic: string, name: string) => (input: unknown) => ipcRenderer.invoke('edgewise:call', topic, name, input),
  stream: (topic: string, name: string) => (input: unknown, onProgress: Listener) => {
    const id = ++lastStream
    progressOf.set(id, onProgress)
    const result = ipcRenderer.invoke('edgewise:stream', id, topic, name, input).finally(() => progressOf.delete(id))
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
