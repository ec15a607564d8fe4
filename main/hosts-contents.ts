// The hosts file's last few contents that somebody was shown, by their SHA-256: what they edit is compared with these.
const most = 8
/** Bytes, all of them together. */
const mostBytes = 64 * 1024 * 1024

export class HostsContents {
  /** The latest last. */
  private readonly kept = new Map<string, Buffer>()

  /** The latest one is always kept, however large it is. */
  remember(hash: string, bytes: Buffer): void {
    this.kept.delete(hash)
    this.kept.set(hash, bytes)
    let size = 0
    for (const [count, [old, { length }]] of [...this.kept].reverse().entries()) {
      size += length
      if (count > 0 && (count >= most || size > mostBytes)) this.kept.delete(old)
    }
  }

  find(hash: string): Buffer | null {
    return this.kept.get(hash) ?? null
  }
}
