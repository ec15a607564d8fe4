// The service MSExchangeTransport: asked for, and looked at again until it is so. Its directory (ADAM) is never touched:
// restarting that drags all others down with it.
import { Failure } from '../../../preload/contract/failure.ts'
import type { Restarted, RestartStep, ServiceState } from '../../../preload/contract/servers.ts'
import type { Control } from '../transport.ts'
import type { Data } from './protocol.ts'
import type { Shell } from './shell.ts'

/** Milliseconds. A loaded server takes its time to stop, and starting opens its database. */
const limits = { stop: 120_000, start: 180_000 }
const lookAgain = 500

/** Of a receive connector as Exchange makes it on an edge server; others are not looked for. */
const usualBinding = '0.0.0.0:25'

type Known = Data<'service.get'>

const states: Record<string, ServiceState['state']> = {
  Running: 'running',
  StartPending: 'starting',
  ContinuePending: 'starting',
  Stopped: 'stopped',
  StopPending: 'stopping',
  Paused: 'running',
  PausePending: 'stopping',
}

export function serviceStateOf({ Status, ProcessId, Since, Dependents, Directory }: Known): ServiceState {
  const state = states[Status] ?? 'stopped'
  const directory = Directory && Directory !== 'Running' ? `Its directory service (ADAM_MSExchange) is ${Directory}.` : null
  const paused = Status === 'Paused' || Status === 'PausePending' ? 'It is paused: it delivers, and takes no mail.' : null
  const dependents = state === 'stopping' && Dependents.length > 0 ? `It waits for ${Dependents.join(', ')}.` : null
  const notes = [directory, paused, dependents].filter((note) => note !== null)
  const isUp = state === 'running' || state === 'starting'
  return { state, pid: isUp ? ProcessId : null, listening: Status === 'Running' ? usualBinding : null, since: isUp && Since !== null ? new Date(Since).toISOString() : null, note: notes.length > 0 ? notes.join(' ') : null }
}

export class TransportService {
  private readonly shell: Shell

  constructor(shell: Shell) {
    this.shell = shell
  }

  async state(signal: AbortSignal): Promise<ServiceState> {
    return serviceStateOf(await this.shell.ask('service.get', {}, { signal }))
  }

  async control(action: 'start' | 'stop' | 'restart', { signal, progress }: Control): Promise<Restarted> {
    const asked = performance.now()
    const steps: RestartStep[] = []
    const reached = (step: RestartStep['step']): number => {
      const at = Math.round(performance.now() - asked)
      steps.push({ step, at })
      progress?.({ step, at })
      return at
    }
    const wasRunning = (await this.state(signal)).state !== 'stopped'
    // Stopped is the worst place to leave it: a restart that has begun is brought to its end.
    const lasting = action === 'restart' ? new AbortController().signal : signal
    signal.throwIfAborted()
    let [downFrom, downtime] = [0, 0]
    if (action !== 'start' && wasRunning) {
      downFrom = reached('stopping')
      await this.brought('stop', lasting)
      reached('stopped')
    }
    if (action !== 'stop') {
      reached('starting')
      await this.brought('start', lasting)
      const serving = reached('serving')
      if (action === 'restart' && wasRunning) downtime = serving - downFrom
    }
    return { steps, downtime, service: await this.state(lasting) }
  }

  private async brought(to: 'start' | 'stop', signal: AbortSignal): Promise<void> {
    const wanted = to === 'start' ? 'Running' : 'Stopped'
    let known = await this.shell.ask('service.get', {}, { signal })
    if (known.Status !== wanted && !known.Status.endsWith('Pending')) await this.shell.ask(to === 'start' ? 'service.start' : 'service.stop', {}, { signal })
    for (const end = Date.now() + limits[to]; ; ) {
      signal.throwIfAborted()
      known = await this.shell.ask('service.get', {}, { signal })
      if (known.Status === wanted) return
      if (Date.now() >= end) throw await this.stuck(to, known, signal)
      await new Promise((resolve) => setTimeout(resolve, lookAgain))
    }
  }

  /** What it hangs in, why as far as its events tell, and what an administrator does then. It is named, not killed. */
  private async stuck(to: 'start' | 'stop', { Status, ProcessId, Dependents }: Known, signal: AbortSignal): Promise<Failure> {
    const { events } = await this.shell.ask('service.events', {}, { signal }).catch(() => ({ events: [] }))
    const [latest] = events
    const why = latest ? ` Its latest event: ${latest.EventID} ${(latest.Message ?? '').split('\n')[0]?.trim()}` : ''
    const dependents = Dependents.length > 0 ? ` It waits for ${Dependents.join(', ')}.` : ''
    const remedy = Status === 'StopPending' ? `Wait, or end its process yourself: taskkill /PID ${ProcessId ?? 'N'} /F, and the same for EdgeTransport.exe. Then start it: edgewise service start.` : 'See the Application log for events of MSExchangeTransport, and whether ADAM_MSExchange runs.'
    return new Failure('timed-out', `The transport service did not ${to} within ${limits[to] / 1000} s: it is ${Status}.${dependents}${why}`, remedy)
  }
}
