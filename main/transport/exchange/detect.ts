// Whether this machine is an Exchange edge server, found without starting a process, since each start asks.
import { access } from 'node:fs/promises'
import { join, sep } from 'node:path'

/** Exchange's setup names its folder so for all; only an edge server keeps its directory there (its default). */
export async function isExchangeEdge(): Promise<boolean> {
  const folder = process.env.ExchangeInstallPath
  if (sep !== '\\' || !folder) return false
  return access(join(folder, 'TransportRoles', 'data', 'Adam')).then(() => true, () => false)
}
