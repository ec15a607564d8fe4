// Tests on one real Postfix; where none can be run they are skipped by name, with the reason.
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { whyNoPostfix } from './postfix-instance.ts'
import { openPostfixStages, type PostfixStages } from './postfix-stage.ts'

const why = whyNoPostfix()
const noSkip = process.env['EDGEWISE_NO_SKIP'] === '1'
const machines = '/etc/resolv.conf'

export function onPostfix(name: string, tests: (stages: () => PostfixStages) => void): void {
  describe.skipIf(why !== null && !noSkip)(`${name}${why === null ? '' : ` (${why})`}`, () => {
    let stages: PostfixStages | undefined
    let before: Buffer
    beforeAll(async () => {
      if (why !== null) throw new Error(why)
      before = readFileSync(machines)
      stages = await openPostfixStages()
    }, 60_000)
    afterAll(async () => {
      await stages?.end()
      // Whatever was changed and taken back, the machine's own is what it was.
      if (stages) expect(readFileSync(machines).equals(before)).toBe(true)
    }, 60_000)
    tests(() => {
      if (!stages) throw new Error(why ?? 'Postfix did not start')
      return stages
    })
  })
}
