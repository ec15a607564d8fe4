// Opens the real window on a real Postfix of the test's own, and takes both down again, whatever happened.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { openPostfixStages, type PostfixStage, type PostfixStages } from '../real/postfix-stage.ts'
import { whyNoPostfix } from '../real/postfix-instance.ts'
import { checkout, windowsWith, test as base, type Opened } from './window.ts'

/** Why these tests cannot run here; null where they can, and where skipping is not allowed. */
export const why = process.env['EDGEWISE_NO_SKIP'] === '1' ? null : whyNoPostfix()

export interface OnPostfix extends PostfixStage {
  edgewise(...words: string[]): Promise<string>
  /** The window of this Postfix. */
  window(): Promise<Opened>
}

export const test = base.extend<{ postfix: OnPostfix }, { stages: PostfixStages }>({
  stages: [
    // Playwright reads what a fixture needs from this pattern, so it must stand here although it is empty.
    // oxlint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const stages = await openPostfixStages()
      try {
        await use(stages)
      } finally {
        await stages.end()
      }
    },
    { scope: 'worker', timeout: 60_000 },
  ],
  postfix: async ({ stages }, use, about) => {
    const stage = await stages.stage()
    const windows = windowsWith(stage.flags)
    try {
      await use({
        ...stage,
        edgewise: async (...words) => (await promisify(execFile)(process.execPath, [join(checkout, 'out/main/cli.js'), ...words, ...stage.flags])).stdout,
        window: windows.open,
      })
      if (about.status !== about.expectedStatus) await windows.tell(about, stage.instance.log)
    } finally {
      await windows.end()
      await windows.letGo()
      await stage.close()
    }
  },
})
