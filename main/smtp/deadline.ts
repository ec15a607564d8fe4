// One time limit after another, with one timer: one for each reply would cost more than the rest of it.

/** Milliseconds until the timer looks again at the most: a limit that is set later is seldom due before. */
const beat = 5_000

export class Deadline {
  /** Both as performance.now() tells. */
  private due = 0
  private rings = 0
  private timer: NodeJS.Timeout | null = null
  private late: (() => void) | null = null

  /** Milliseconds from now; takes the place of the limit before. */
  set(limit: number, late: () => void): void {
    const now = performance.now()
    this.due = now + limit
    this.late = late
    if (this.timer === null || this.rings > this.due) this.wind(now)
  }

  /** What was waited for is there. */
  met(): void {
    this.late = null
  }

  end(): void {
    this.met()
    clearTimeout(this.timer ?? undefined)
    this.timer = null
  }

  private wind(now: number): void {
    clearTimeout(this.timer ?? undefined)
    const wait = Math.min(this.due - now, beat)
    this.rings = now + wait
    this.timer = setTimeout(this.ring, wait)
  }

  private readonly ring = () => {
    this.timer = null
    const { late } = this
    if (late === null) return
    const now = performance.now()
    if (now < this.due) return this.wind(now)
    this.late = null
    late()
  }
}
