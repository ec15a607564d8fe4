// Asks the DNS servers about their health for as long as they are shown: all at once, and no longer than anybody looks.
import { useEffect, useEffectEvent, useState } from 'react'
import type { ListedAdapter } from '../../preload/contract/adapters.ts'
import type { Running } from '../../preload/contract/call.ts'
import type { ServerHealth } from '../../preload/contract/health.ts'
import type { ServerId } from '../../preload/contract/server-id.ts'
import { edgewise, settled } from '../api.ts'
import { begun, ended, nothingKnown, roundOf, told, type Health } from './health.ts'

type Ask = (tell: (one: ServerHealth) => void) => Running<{ health: ServerHealth[] }>
type Change = (change: (health: Health) => Health) => void

/** Begins one round; what it returns cancels it, and nothing is told of it afterwards. */
export function askHealth(ask: Ask, change: Change): () => void {
  let isOver = false
  change(begun)
  const running = ask((one) => {
    if (!isOver) change((health) => told(health, one))
  })
  void settled(running.result).then((result) => {
    if (isOver) return
    isOver = true
    change(() => ended(result))
  })
  return () => {
    if (isOver) return
    isOver = true
    running.cancel()
  }
}

export interface AskedHealth extends Health {
  /** Forgets what is known and asks once more. */
  again(): void
}

/** Of all adapters that are up, and of the servers listed; once more whenever either changes. */
export function useHealth(server: ServerId, adapters: readonly ListedAdapter[] | null, servers: readonly string[]): AskedHealth {
  const [health, setHealth] = useState(nothingKnown)
  const [times, setTimes] = useState(0)
  const round = adapters && roundOf(adapters, servers)
  // Made anew with each drawing, while one round is told from another by its text alone.
  const ask = useEffectEvent<Ask>((tell) => edgewise.adapters.health({ server, servers: [...servers] }, tell))
  useEffect(() => {
    if (round === null) return
    return askHealth((tell) => ask(tell), setHealth)
  }, [server, round, times])
  return {
    ...health,
    again: () => {
      setHealth(nothingKnown)
      setTimes((before) => before + 1)
    },
  }
}
