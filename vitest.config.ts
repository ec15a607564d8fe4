// Unit and integration tests, those against real parts in test/real included; the window's are Playwright's.
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
    exclude: ['test/e2e/**'],
    pool: 'forks',
    // Most of them wait for processes: without this two processors would run one file at a time.
    maxWorkers: '100%',
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
})
