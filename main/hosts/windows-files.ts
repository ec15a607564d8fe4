// What Windows alone has of a file: the hidden and read-only attributes, and a replacement that keeps its access list.

const readOnly = 0x1
const hidden = 0x2
const invalid = 0xffffffff
/** REPLACEFILE_WRITE_THROUGH */
const writeThrough = 0x1

export interface WindowsFiles {
  attributes(path: string): { all: number; readOnly: boolean; hidden: boolean }
  /** Throws where Windows refuses. */
  setAttributes(path: string, all: number): void
  /**
   * `replacement` takes the place, the access list and the attributes of `path`, whose old content has the name `old`
   * then: without that name, Windows may lose it when the second of its two renames fails. Throws where it is refused.
   */
  replace(path: string, replacement: string, old: string): void
}

let loading: Promise<WindowsFiles | null> | undefined

/** Null on other systems, which are known by their users having numbers. */
export function windowsFiles(): Promise<WindowsFiles | null> {
  return (loading ??= typeof process.getuid === 'function' ? Promise.resolve(null) : load())
}

async function load(): Promise<WindowsFiles> {
  const { default: koffi } = await import('koffi')
  const kernel = koffi.load('kernel32.dll')
  const get = kernel.func('uint32_t __stdcall GetFileAttributesW(str16 path)') as (path: string) => number
  const set = kernel.func('int __stdcall SetFileAttributesW(str16 path, uint32_t attributes)') as (path: string, attributes: number) => number
  const replace = kernel.func('int __stdcall ReplaceFileW(str16 replaced, str16 replacement, str16 backup, uint32_t flags, void *exclude, void *reserved)') as
    (replaced: string, replacement: string, backup: string, flags: number, exclude: null, reserved: null) => number
  const lastError = kernel.func('uint32_t __stdcall GetLastError()') as () => number
  const refused = (call: string) => {
    const number = lastError()
    // ERROR_ACCESS_DENIED, ERROR_SHARING_VIOLATION, ERROR_DISK_FULL, in node's names.
    const code = { 5: 'EPERM', 32: 'EBUSY', 112: 'ENOSPC' }[number] ?? 'EIO'
    return Object.assign(new Error(`${call}: error ${number}`), { code })
  }
  return {
    attributes(path) {
      const all = get(path)
      if (all === invalid) throw refused('GetFileAttributesW')
      return { all, readOnly: (all & readOnly) !== 0, hidden: (all & hidden) !== 0 }
    },
    setAttributes(path, all) {
      if (set(path, all) === 0) throw refused('SetFileAttributesW')
    },
    replace(path, replacement, old) {
      if (replace(path, replacement, old, writeThrough, null, null) === 0) throw refused('ReplaceFileW')
    },
  }
}
