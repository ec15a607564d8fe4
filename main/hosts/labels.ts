// What Linux keeps of a file beside its mode, in extended attributes: access list, SELinux label, and those of users.

type System = Awaited<ReturnType<typeof load>>
let loading: Promise<System> | undefined

/** They are made of the content, which changes: the kernel's integrity module makes its own. */
const ofContent = new Set(['security.ima', 'security.evm'])
/** The kernel's own limits of names and of one value. */
const mostBytes = 65_536

async function load() {
  const { default: koffi } = await import('koffi')
  const libc = koffi.load(null)
  // macOS has functions of the same names with other parameters; it lacks this one, and loading ends here.
  libc.func('long lgetxattr(const char *path, const char *name, void *value, size_t size)')
  return {
    list: libc.func('long flistxattr(int fd, void *names, size_t size)') as (fd: number, names: Buffer, size: number) => number,
    get: libc.func('long fgetxattr(int fd, const char *name, void *value, size_t size)') as (fd: number, name: string, value: Buffer, size: number) => number,
    set: libc.func('int fsetxattr(int fd, const char *name, void *value, size_t size, int flags)') as (fd: number, name: string, value: Buffer, size: number, flags: number) => number,
    remove: libc.func('int fremovexattr(int fd, const char *name)') as (fd: number, name: string) => number,
    errno: () => koffi.errno(),
    unsupported: koffi.os.errno['ENOTSUP'] ?? 95,
  }
}

/** Gives the second file all that the first has, and takes away what its folder gave it. False where that cannot be done. */
export async function copyLabels(from: number, to: number): Promise<boolean> {
  const system = await (loading ??= load()).catch(() => null)
  if (!system) return false
  const names = namesOf(system, from)
  const inherited = namesOf(system, to)
  if (names === null || inherited === null) return false
  for (const name of inherited) if (!names.includes(name) && system.remove(to, name) !== 0) return false
  for (const name of names.filter((one) => !ofContent.has(one))) {
    const value = valueOf(system, from, name)
    if (value === null) return false
    // A new file often has the right label already, which this user might not be allowed to set.
    if (valueOf(system, to, name)?.equals(value)) continue
    if (system.set(to, name, value, value.length, 0) !== 0) return false
  }
  return true
}

/** Null where they cannot be read. */
function namesOf(system: System, fd: number): string[] | null {
  const bytes = Buffer.alloc(mostBytes)
  const length = system.list(fd, bytes, bytes.length)
  if (length < 0) return system.errno() === system.unsupported ? [] : null
  return bytes.toString('utf8', 0, length).split('\0').filter((name) => name !== '')
}

function valueOf(system: System, fd: number, name: string): Buffer | null {
  const bytes = Buffer.alloc(mostBytes)
  const length = system.get(fd, name, bytes, bytes.length)
  return length < 0 ? null : bytes.subarray(0, length)
}
