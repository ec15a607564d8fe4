import { expect, test } from 'vitest'
import { isPublicAddress } from '../../main/world/public-address.ts'

test.each(['8.8.8.8', '172.15.255.255', '172.32.0.1', '100.63.0.1', '192.0.0.9', '223.255.255.255', '2600::1', '2a00:1450::1', '2001:20::1', '2001:4860::1', '64:ff9b::8.8.8.8', '::ffff:8.8.8.8', '::FFFF:808:808', '2002:808:808::1'])(
  '%s is public',
  (address) => expect(isPublicAddress(address)).toBe(true),
)

test.each([
  '0.0.0.0', '10.0.0.1', '100.64.0.1', '127.0.0.1', '169.254.1.1', '172.16.0.1', '172.31.255.255', '192.0.0.1', '192.168.1.1', '198.18.0.1', '198.19.255.255', '224.0.0.1', '240.0.0.1', '255.255.255.255',
  '::', '::1', 'fe80::1', 'fe80::1%eth0', 'fd00::1', 'fec0::1', 'ff02::1', '100::1', '2001::1', '2001:2::1', '64:ff9b:1::1', '5f00::1',
  '::ffff:10.0.0.1', '::ffff:a00:1', '64:ff9b::10.0.0.1', '2002:a00:1::1',
])('%s is not', (address) => expect(isPublicAddress(address)).toBe(false))

test.each(['192.0.2.1', '198.51.100.25', '203.0.113.53', '2001:db8::25', '3fff::1', '::ffff:203.0.113.53'])('%s, for manuals, is public only in a world that plays with it', (address) => {
  expect(isPublicAddress(address)).toBe(false)
  expect(isPublicAddress(address, true)).toBe(true)
})

test.each(['', 'example.test', '1.2.3', '1.2.3.4.5', '::g'])('“%s” is no address', (address) => expect(isPublicAddress(address)).toBe(false))
