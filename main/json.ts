// JSON text of any origin: undefined where it is none, for a schema to judge.
export function fromJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
