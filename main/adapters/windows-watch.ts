// Windows: its own word that an address or one of the TCP/IP settings (DNS servers among them) changed.
import { settled, watchText, type Stop } from './watch.ts'
import { windowsAdapters } from './windows.ts'

/** Milliseconds: a wait is never longer, so that whatever goes wrong with one ends. */
const longestWait = 10_000
const localMachine = 0x80000002n
/** KEY_NOTIFY | KEY_WOW64_64KEY */
const mayHear = 0x10 | 0x100
/** REG_NOTIFY_CHANGE_NAME | REG_NOTIFY_CHANGE_LAST_SET */
const changes = 0x1 | 0x4
const keys = ['Tcpip', 'Tcpip6'].map((service) => `SYSTEM\\CurrentControlSet\\Services\\${service}\\Parameters\\Interfaces`)

async function load() {
  const { default: koffi } = await import('koffi')
  const kernel = koffi.load('kernel32.dll')
  const registry = koffi.load('advapi32.dll')
  const helper = koffi.load('iphlpapi.dll')
  const wait = kernel.func('uint32_t __stdcall WaitForMultipleObjects(uint32_t count, void *handles, int all, uint32_t milliseconds)')
  return {
    createEvent: kernel.func('uintptr_t __stdcall CreateEventW(void *security, int manual, int initial, void *name)') as (security: null, manual: number, initial: number, name: null) => number | bigint,
    setEvent: kernel.func('int __stdcall SetEvent(uintptr_t event)') as (event: bigint) => number,
    closeHandle: kernel.func('int __stdcall CloseHandle(uintptr_t handle)') as (handle: bigint) => number,
    wait: (handles: Buffer, count: number) =>
      new Promise<number>((resolve, reject) => {
        wait.async(count, handles, 0, longestWait, (error: Error | null, code: number) => (error ? reject(error) : resolve(code)))
      }),
    openKey: registry.func('int32_t __stdcall RegOpenKeyExW(uintptr_t key, str16 path, uint32_t options, uint32_t access, _Out_ uintptr_t *opened)') as
      (key: bigint, path: string, options: number, access: number, opened: (number | bigint)[]) => number,
    hearKey: registry.func('int32_t __stdcall RegNotifyChangeKeyValue(uintptr_t key, int subtree, uint32_t filter, uintptr_t event, int asynchronous)') as
      (key: bigint, subtree: number, filter: number, event: bigint, asynchronous: number) => number,
    closeKey: registry.func('int32_t __stdcall RegCloseKey(uintptr_t key)') as (key: bigint) => number,
    hearAddresses: helper.func('uint32_t __stdcall NotifyAddrChange(void *handle, void *overlapped)') as (handle: Buffer, overlapped: Buffer) => number,
    cancelAddresses: helper.func('int __stdcall CancelIPChangeNotify(void *overlapped)') as (overlapped: Buffer) => number,
  }
}

/** Beside what Windows says, the list itself is looked at every 2 s: what was said may have been missed. */
export async function watchWindows(listener: () => void): Promise<Stop> {
  const { call, stop } = settled(listener)
  const looking = watchText(async () => JSON.stringify(await windowsAdapters()), call)
  const hearing = await hear(call).catch((): Stop => () => undefined)
  return () => [looking, hearing, stop].forEach((end) => end())
}

/** Calls the listener for each change that Windows tells. Exported for the tests, which must not see the looking. */
export async function hear(changed: () => void): Promise<Stop> {
  const system = await load()
  const event = () => BigInt(system.createEvent(null, 0, 0, null))
  const ended = event()
  // The end comes first: of several events that are set, the wait tells the first.
  const sources: { event: bigint; arm(): boolean; close(): void }[] = []
  for (const path of keys) {
    const opened: (number | bigint)[] = [0]
    if (system.openKey(localMachine, path, 0, mayHear, opened) !== 0) continue
    const key = BigInt(opened[0] ?? 0)
    const own = event()
    sources.push({ event: own, arm: () => system.hearKey(key, 1, changes, own, 1) === 0, close: () => void system.closeKey(key) })
  }
  // Windows writes to both until it is cancelled; they are kept as long as this watch. OVERLAPPED has its event at 24.
  const memory = Buffer.alloc(4096)
  const overlapped = memory.subarray(64, 96)
  const addresses = event()
  overlapped.writeBigUInt64LE(addresses, 24)
  // 997 is ERROR_IO_PENDING: it will be told.
  const arm = () => [0, 997].includes(system.hearAddresses(memory.subarray(0, 8), overlapped))
  sources.push({ event: addresses, arm, close: () => void system.cancelAddresses(overlapped) })

  let isStopped = false
  const close = () => {
    for (const source of sources) source.close()
    for (const handle of [ended, ...sources.map((source) => source.event)]) system.closeHandle(handle)
  }
  const armed = sources.filter((source) => source.arm())
  const handles = Buffer.alloc(512)
  for (const [place, handle] of [ended, ...armed.map((source) => source.event)].entries()) handles.writeBigUInt64LE(handle, place * 8)
  const listen = async () => {
    while (!isStopped) {
      const code = await system.wait(handles, armed.length + 1)
      const source = armed[code - 1]
      // 258 is WAIT_TIMEOUT; all else that names no source is a fault, which the looking makes up for.
      if (isStopped || (source === undefined && code !== 258)) break
      if (source === undefined) continue
      source.arm()
      changed()
    }
  }
  void listen().catch(() => undefined).finally(close)
  return () => {
    isStopped = true
    system.setEvent(ended)
  }
}
