// The border on main's side: only the main frame of our own open window, on our own page, gets an answer.
import type { FailureValue } from '../../preload/contract/failure.ts'
import type { Result } from '../../preload/contract/call.ts'

export type Ask = (
  topic: string,
  name: string,
  input: unknown,
  asking: { signal: AbortSignal; progress(value: unknown): void },
) => Promise<Result<unknown>>

interface Frame {
  url: string
}

/** What is used of Electron's events, windows and ipcMain, so that tests can stand in for them. */
export interface Asked {
  sender: unknown
  senderFrame: Frame | null
}
export interface Contents {
  mainFrame: Frame
  send(channel: string, ...args: unknown[]): void
  isDestroyed(): boolean
}
export interface OwnWindow {
  webContents: Contents
  isDestroyed(): boolean
}
interface Channels {
  handle(channel: string, listener: (event: Asked, ...args: unknown[]) => Promise<unknown>): void
  on(channel: string, listener: (event: Asked, ...args: unknown[]) => void): void
}

const refusal = (message: string): { ok: false; error: FailureValue } => ({ ok: false, error: { code: 'foreign-sender', message } })

export interface Border {
  /** Tells the view that something changed; nothing once the window is closed. */
  send(topic: string, name: string, payload: unknown): void
  /** Ends all that the view has asked for: it is gone or begins anew. */
  cancelAll(): void
}

export function openBorder(channels: Channels, own: () => OwnWindow | null, page: string, ask: Ask): Border {
  const streams = new Map<number, AbortController>()
  let all = new AbortController()

  const contents = (): Contents | null => {
    const window = own()
    return window && !window.isDestroyed() && !window.webContents.isDestroyed() ? window.webContents : null
  }
  const refused = (event: Asked) => {
    const ours = contents()
    if (!ours) return refusal('The window that asked is closed.')
    const frame = event.senderFrame
    const isOurs = event.sender === ours && frame === ours.mainFrame && frame.url.replace(/[?#].*$/, '') === page
    return isOurs ? null : refusal('Only the console itself may ask.')
  }

  channels.handle('edgewise:call', async (event, topic, name, input) => {
    return refused(event) ?? (await ask(String(topic), String(name), input, { signal: all.signal, progress: () => undefined }))
  })

  channels.handle('edgewise:stream', async (event, id, topic, name, input) => {
    const no = refused(event)
    if (no) return no
    if (typeof id !== 'number' || streams.has(id)) return { ok: false, error: { code: 'bad-input', message: 'id: a stream needs a number of its own.' } }
    const stream = new AbortController()
    streams.set(id, stream)
    const progress = (value: unknown) => contents()?.send('edgewise:progress', id, value)
    try {
      return await ask(String(topic), String(name), input, { signal: AbortSignal.any([all.signal, stream.signal]), progress })
    } finally {
      streams.delete(id)
      // The answer goes another way than the progress, and may be there first.
      contents()?.send('edgewise:told', id)
    }
  })

  channels.on('edgewise:cancel', (event, id) => {
    if (!refused(event) && typeof id === 'number') streams.get(id)?.abort()
  })

  return {
    send: (topic, name, payload) => contents()?.send('edgewise:event', topic, name, payload),
    cancelAll: () => {
      all.abort()
      all = new AbortController()
    },
  }
}
