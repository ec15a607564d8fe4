import { networkInterfaces } from 'node:os'
import { expect, test } from 'vitest'
import { knownToNode } from '../../main/adapters/elsewhere.ts'
import { adapterSchema } from '../../preload/contract/adapters.ts'

test('what node knows is told as the contract has it, and does not claim DNS servers for each adapter', () => {
  const adapters = knownToNode()
  expect(adapters.map(({ name }) => name)).toEqual(Object.keys(networkInterfaces()))
  for (const adapter of adapters) expect(adapterSchema.parse(adapter)).toEqual(adapter)
  expect(adapters.map(({ dnsSource }) => dnsSource)).not.toContain('DHCP lease')
})
