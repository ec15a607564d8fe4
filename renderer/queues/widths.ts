// How wide the columns of each table are, as the administrator has made them: for as long as the window is open.
import { create } from 'zustand'

/** Pixels, by table and column. */
export const useWidths = create<Record<string, Record<string, number>>>(() => ({}))

const least = 40
const most = 1200

export function setWidth(table: string, column: string, width: number): void {
  useWidths.setState((all) => ({ [table]: { ...all[table], [column]: Math.round(Math.max(least, Math.min(most, width))) } }))
}
