// Keeps the relay alive while a window is open: starts it, watches it, starts it again with back-off when it dies.
import { watch, type FSWatcher } from 'node:fs'
import { Failure } from '../../../preload/contract/failure.ts'
import type { ControlClient } from './control.ts'
import { findRelay, isStoppedByHand, type RelayProgram, startRelay } from './service.ts'

/** Milliseconds before the first, second … try; the last one repeats. */
const backOff = [250, 500, 1_000, 2_000, 5_000, 10_000, 30_000]
/** A relay that served this long is not in a crash loop. */
const stable = 60_000
/** Milliseconds that another program gets between stop and start. */
const otherRestarts = 1_500

export class Keeper {
  /** Why the service is down and when it is tried again; null while all is well. */
  problem: string | null = null
  private readonly program: RelayProgram
  private readonly notice: (level: 'information' | 'warning', text: string) => void
  private readonly changed: () => void
  private readonly ending = new AbortController()
  private client: ControlClient | null = null
  private timer: NodeJS.Timeout | undefined
  private watcher: FSWatcher | undefined
  private watched: NodeJS.Timeout | undefined
  private failures = 0
  private servedSince = 0
  private paused = 0
  private busy = false
  /** Stopped by hand: only a hand starts it again, here or in another program. */
  private leftStopped = false

  constructor(program: RelayProgram, notice: (level: 'information' | 'warning', text: string) => void, changed: () => void) {
    this.program = program
    this.notice = notice
    this.changed = changed
    void this.attend(false)
  }

  /** While the service is restarted on purpose. Answers with what ends the pause. */
  pause(): () => void {
    this.paused++
    clearTimeout(this.timer)
    let over = false
    return () => {
      if (over) return
      over = true
      this.paused--
      void this.attend(false)
    }
  }

  close(): void {
    this.ending.abort()
    clearTimeout(this.timer)
    clearTimeout(this.watched)
    this.watcher?.close()
    this.client?.close()
  }

  private get resting(): boolean {
    return this.ending.signal.aborted || this.paused > 0
  }

  /** Connects to the relay, starting it where that is right. `died`: it served before and was not asked to stop. */
  private async attend(died: boolean): Promise<void> {
    if (this.busy || this.client || this.resting) return
    this.busy = true
    try {
      await this.connect(died)
    } catch (error) {
      if (!this.ending.signal.aborted) this.failed(error)
    } finally {
      this.busy = false
    }
  }

  private async connect(died: boolean): Promise<void> {
    const { home } = this.program
    let { client } = await findRelay(home)
    let started = false
    if (!client) {
      if (await isStoppedByHand(home)) {
        this.problem = null
        this.leftStopped = true
        this.watchHome()
        return this.changed()
      }
      started = await startRelay(this.program, this.ending.signal)
      client = (await findRelay(home)).client
    }
    // Died as soon as it served: once may be chance, again is a problem to tell.
    if (!client && this.failures < 2) return this.later(true)
    if (!client) throw new Failure('transport-unreachable', 'The transport service ends as soon as it serves.', `Its log may say why: ${home.log}`)
    if (this.resting) return client.close()
    this.leftStopped = false
    this.watchHome()
    this.client = client
    this.servedSince = Date.now()
    const hadProblem = this.problem !== null
    this.problem = null
    client.onChanged(this.changed)
    client.onClosed((onPurpose) => this.lost(onPurpose))
    if (started && (died || hadProblem)) this.notice('warning', 'The transport service had stopped unexpectedly. It was started again and serves.')
    this.changed()
  }

  private lost(onPurpose: boolean): void {
    this.client = null
    this.changed()
    if (this.resting) return
    if (Date.now() - this.servedSince > stable) this.failures = 0
    // Another program restarts it: that one starts it again, and only if it does not, we do.
    if (onPurpose) this.timer = setTimeout(() => void this.attend(false), otherRestarts)
    else this.later(true)
  }

  private failed(error: unknown): void {
    const first = this.problem === null
    const wait = backOff[Math.min(this.failures, backOff.length - 1)] ?? 0
    const why = error instanceof Failure ? [error.message, error.remedy].filter(Boolean).join(' ') : String(error)
    this.problem = `${why} Next try in ${Math.max(1, Math.round(wait / 1000))} s.`
    if (first) this.notice('warning', `The transport service does not run. ${why}`)
    this.changed()
    this.later(true)
  }

  private later(died: boolean): void {
    const wait = backOff[Math.min(this.failures, backOff.length - 1)] ?? 0
    this.failures++
    clearTimeout(this.timer)
    this.timer = setTimeout(() => void this.attend(died), wait)
  }

  /** What another program does: saves settings, or starts a service that was stopped by hand. */
  private watchHome(): void {
    if (this.watcher || this.ending.signal.aborted) return
    this.watcher = watch(this.program.home.folder, (_, name) => {
      if (name !== null && !/^(settings\.json|relay\.(lock|sock|stopped))$/.test(name)) return
      clearTimeout(this.watched)
      // Files come and go in several steps.
      this.watched = setTimeout(() => {
        this.changed()
        if (this.leftStopped) void this.attend(false)
      }, 100)
    })
    this.watcher.on('error', () => {})
  }
}
