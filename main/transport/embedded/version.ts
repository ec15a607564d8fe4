// Which Haraka would run, asked while none does.
import { createRequire } from 'node:module'

export const harakaVersion = (): string => createRequire(import.meta.url)('Haraka/package.json').version
