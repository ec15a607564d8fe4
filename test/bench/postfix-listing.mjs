// One listing of Postfix's queue in a process of its own: until the first rows, until all are known, and its peak memory.
import { pathToFileURL } from 'node:url'

const [bundle = '', configDir = '', home = ''] = process.argv.slice(2)
const { explained, openInstance, PostfixQueues } = await import(pathToFileURL(bundle).href)
const instance = await openInstance(configDir, AbortSignal.timeout(10_000))
const queues = new PostfixQueues({ instance: async () => instance, home })
// As in a console that is open: it has judged an error before, which the first time compiles all phrases.
explained('connect to 192.0.2.1[192.0.2.1]:25: Connection timed out')
const begun = performance.now()
const { messages } = await queues.messages({ soon: true }, { offset: 0, limit: 100 })
const first = performance.now() - begun
const count = await queues.waiting()
const whole = performance.now() - begun
const peak = process.resourceUsage().maxRSS / 1024
const again = performance.now()
const page = await queues.messages({ soon: true }, { offset: 50_000, limit: 100 })
console.log(JSON.stringify({ first, rows: messages.length, whole, count, peak, page: performance.now() - again, pageRows: page.messages.length }))
await queues.close()
