// Windows: GetAdaptersAddresses tells all adapters in one call of some milliseconds, in this process; the registry
// tells whether their DNS servers were typed in or came with DHCP. No process is started.
import type { Adapter } from '../../preload/contract/adapters.ts'
import { Failure } from '../../preload/contract/failure.ts'
import { adaptersIn } from './windows-addresses.ts'

/** GAA_FLAG_SKIP_ANYCAST, _SKIP_MULTICAST, _INCLUDE_GATEWAYS */
const flags = 0x2 | 0x4 | 0x80
const overflow = 111
const noData = 232
/** What Microsoft recommends to begin with; it grows where there are more adapters. */
const usualSize = 15 * 1024
const mostBytes = 16 * 1024 * 1024
const mostTries = 5

const localMachine = 0x80000002n
/** RRF_RT_REG_SZ | RRF_RT_REG_MULTI_SZ */
const asText = 0x2 | 0x20

type System = Awaited<ReturnType<typeof load>>
let loading: Promise<System> | undefined

async function load() {
  const { default: koffi } = await import('koffi')
  const helper = koffi.load('iphlpapi.dll')
  const registry = koffi.load('advapi32.dll')
  return {
    addressOf: (buffer: Buffer): bigint => koffi.address(buffer),
    adapters: helper.func('uint32_t __stdcall GetAdaptersAddresses(uint32_t family, uint32_t flags, void *reserved, void *buffer, _Inout_ uint32_t *size)') as
      (family: number, flags: number, reserved: null, buffer: Buffer, size: [number]) => number,
    value: registry.func('int32_t __stdcall RegGetValueW(uintptr_t key, str16 path, str16 name, uint32_t flags, void *type, void *bytes, _Inout_ uint32_t *size)') as
      (key: bigint, path: string, name: string, flags: number, type: null, bytes: Buffer, size: [number]) => number,
  }
}

/** Throws a Failure where Windows refuses. */
export async function windowsAdapters(): Promise<Adapter[]> {
  loading ??= load()
  const system = await loading.catch((error: unknown) => {
    throw new Failure('failed', `Windows’ network functions cannot be called (${error instanceof Error ? error.message : String(error)}), so the network adapters cannot be read.`)
  })
  return asked(system).map(({ guid, ...adapter }) => ({ ...adapter, dnsSource: sourceOf(system, guid, adapter) }))
}

function asked(system: System) {
  let size = usualSize
  for (let tries = 1; ; tries += 1) {
    const buffer = Buffer.alloc(size)
    const needed: [number] = [size]
    const code = system.adapters(0, flags, null, buffer, needed)
    if (code === 0) return adaptersIn(buffer, system.addressOf(buffer))
    if (code === noData) return []
    if (code !== overflow || tries === mostTries || needed[0] > mostBytes)
      throw new Failure('failed', `Windows does not tell its network adapters (GetAdaptersAddresses: error ${code}).`, 'Try “ipconfig /all” in a terminal; where that fails too, restart the machine’s network services.')
    // An adapter may come between two calls.
    size = Math.max(size, needed[0]) + 4096
  }
}

/** `NameServer` is what an administrator typed in; it comes before what DHCP told. */
function sourceOf(system: System, guid: string, { dnsServers, dhcp }: Pick<Adapter, 'dnsServers' | 'dhcp'>): string {
  if (dnsServers.length === 0) return 'none'
  const typed = ['Tcpip', 'Tcpip6'].some((service) => textOf(system, `SYSTEM\\CurrentControlSet\\Services\\${service}\\Parameters\\Interfaces\\${guid}`, 'NameServer') !== '')
  if (typed) return 'static'
  return dhcp ? 'DHCP' : 'automatic'
}

function textOf(system: System, path: string, name: string): string {
  const bytes = Buffer.alloc(4096)
  const size: [number] = [bytes.length]
  if (system.value(localMachine, path, name, asText, null, bytes, size) !== 0) return ''
  return bytes.toString('utf16le', 0, size[0]).replaceAll('\0', '').trim()
}
