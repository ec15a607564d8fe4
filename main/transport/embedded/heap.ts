// What comes next among many: the smallest is at hand, and adding one more costs next to nothing.
export class Heap<T> {
  private readonly list: { key: number; value: T }[] = []

  get size(): number {
    return this.list.length
  }

  peek(): { key: number; value: T } | undefined {
    return this.list[0]
  }

  push(key: number, value: T): void {
    const { list } = this
    const added = { key, value }
    let at = list.length
    list.push(added)
    while (at > 0) {
      const above = (at - 1) >> 1
      const parent = list[above]
      if (!parent || parent.key <= key) break
      list[at] = parent
      at = above
    }
    list[at] = added
  }

  pop(): { key: number; value: T } | undefined {
    const { list } = this
    const first = list[0]
    const last = list.pop()
    if (list.length === 0 || !last) return first
    let at = 0
    for (;;) {
      const left = 2 * at + 1
      const [a, b] = [list[left], list[left + 1]]
      const below = b && a && b.key < a.key ? left + 1 : left
      const child = list[below]
      if (!child || child.key >= last.key) break
      list[at] = child
      at = below
    }
    list[at] = last
    return first
  }

  clear(): void {
    this.list.length = 0
  }
}
