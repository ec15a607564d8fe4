import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { withLimit } from '../main/time-limit.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

it('comes although all that nobody holds is collected meanwhile', async () => {
  const limited = withLimit(new AbortController().signal, 100)
  const aborted = new Promise((resolve) => limited.addEventListener('abort', resolve))
  const collecting = setInterval(collect, 10)
  await aborted
  clearInterval(collecting)
  expect(limited.reason).toMatchObject({ name: 'TimeoutError' })
})

it('is cancelled with what it limits, for its reason', () => {
  const outer = new AbortController()
  const limited = withLimit(outer.signal, 60_000)
  outer.abort(new Error('enough'))
  expect(limited).toMatchObject({ aborted: true, reason: { message: 'enough' } })
})
