// Exchange's intervals (EnhancedTimeSpan): `[d.]hh:mm:ss[.fffffff]`, as whole seconds where they are that.

const form = /^(?:(\d+)\.)?(\d{1,2}):(\d{2}):(\d{2})(?:\.(\d{1,7}))?$/

/** Whole seconds; the text itself where it is anything else, so that it comes back unchanged. */
export function readInterval(text: string): number | string {
  const [, days = '0', hours = '', minutes = '', seconds = '', fraction = '0'] = form.exec(text) ?? []
  if (hours === '' || Number(fraction) !== 0) return text
  return Number(days) * 86_400 + Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)
}

export function printInterval(seconds: number): string {
  const two = (value: number) => String(value).padStart(2, '0')
  const days = Math.floor(seconds / 86_400)
  const clock = [Math.floor(seconds / 3_600) % 24, Math.floor(seconds / 60) % 60, seconds % 60].map(two).join(':')
  return days > 0 ? `${days}.${clock}` : clock
}
