// The door to this machine's network adapters, whatever the system.
import type { Adapter, AdapterDetail } from '../../preload/contract/adapters.ts'
import type { Stop } from './watch.ts'

export { settled, watchPlace, type Stop } from './watch.ts'

/** What cannot be found out in time is null. Throws a Failure only when cancelled. */
export async function adapterDetail(name: string, signal?: AbortSignal): Promise<AdapterDetail> {
  return (await import('./adapter-detail.ts')).adapterDetail(name, signal)
}

/**
 * All adapters with addresses and DNS servers, those that are down included. Throws a Failure where the system cannot
 * be asked. `root` is the folder below which the system's files are read.
 */
export async function listAdapters(root = '/', signal?: AbortSignal): Promise<Adapter[]> {
  if (process.platform === 'linux') return (await import('./linux.ts')).linuxAdapters({ root, signal })
  if (process.platform === 'darwin') return (await import('./macos.ts')).macosAdapters(signal)
  // The decoder knows the layout of 64-bit Windows, which is the only one that Electron runs on by now.
  if (process.platform === 'win32' && process.arch !== 'ia32') return (await import('./windows.ts')).windowsAdapters()
  return (await import('./elsewhere.ts')).knownToNode()
}

/**
 * Calls the listener soon after an adapter, its addresses or its DNS servers may have changed, never more than three
 * times a second, until the returned function is called. Starts no process and never keeps this one alive.
 */
export function watchAdapters(listener: () => void, root = '/'): Stop {
  let stop: Stop = () => undefined
  let isStopped = false
  const begin = async (): Promise<Stop> => {
    if (process.platform === 'linux') return (await import('./linux-watch.ts')).watchLinux(listener, root)
    if (process.platform === 'win32' && process.arch !== 'ia32') return (await import('./windows-watch.ts')).watchWindows(listener)
    return (await import('./watch.ts')).watchKnown(listener, ['/etc/resolv.conf', '/var/run/resolv.conf', '/Library/Preferences/SystemConfiguration/preferences.plist'])
  }
  const begun = (end: Stop) => {
    if (isStopped) end()
    else stop = end
  }
  // Where even that cannot be begun, the adapters are listed when somebody asks, as ever.
  void begin().then(begun, () => undefined)
  return () => {
    isStopped = true
    stop()
  }
}
