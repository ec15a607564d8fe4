// Numbers and times as the administrator's locale writes them.
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' })
const hour = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' })
const whole = new Intl.NumberFormat(undefined)
const hundredths = new Intl.NumberFormat(undefined, { minimumFractionDigits: 2, maximumFractionDigits: 2 })
const tenths = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 })

export const number = (value: number) => whole.format(value)

/** `1 message`, `1,204 messages`. */
export const count = (value: number, one: string, many = `${one}s`) => `${number(value)} ${value === 1 ? one : many}`

/** The time alone where it is today's. */
export function time(iso: string | null, now = new Date()): string {
  if (iso === null) return '–'
  const at = new Date(iso)
  if (Number.isNaN(at.getTime())) return iso
  return at.toDateString() === now.toDateString() ? hour.format(at) : moment.format(at)
}

export const seconds = (milliseconds: number) => `${hundredths.format(milliseconds / 1000)} s`

/** An adapter's speed, told in megabits a second. */
export function speed(megabits: number): string {
  return megabits >= 1000 ? `${tenths.format(megabits / 1000)}\u00a0Gbit/s` : `${tenths.format(megabits)}\u00a0Mbit/s`
}

const sized = (unit: string, unitDisplay: 'long' | 'short', maximumFractionDigits: number) => new Intl.NumberFormat(undefined, { style: 'unit', unit, unitDisplay, maximumFractionDigits })
// Made once: to make one takes longer than to draw a row.
const units = [sized('byte', 'long', 0), sized('kilobyte', 'short', 0), sized('megabyte', 'short', 1)] as const

/** `812 byte`, `14 kB`, `2.5 MB`. */
export function size(bytes: number): string {
  const step = bytes < 1000 ? 0 : bytes < 1_000_000 ? 1 : 2
  return units[step].format(bytes / 1000 ** step)
}

/** An answer's time: `2 ms`, `3.00 s`. */
export const milliseconds = (value: number) => (value >= 1000 ? seconds(value) : `${number(Math.max(1, Math.round(value)))} ms`)
