// A program of its own (out/main/adapter-detail.js NAME): systeminformation blocks its thread for as long as it looks.
import { readFile, realpath } from 'node:fs/promises'
import os from 'node:os'
import { networkInterfaces, wifiInterfaces, type Systeminformation } from 'systeminformation'
import type { AdapterDetail } from '../../preload/contract/adapters.ts'

const name = process.argv[2] ?? ''
const link = `/sys/class/net/${name}`

// It starts several processes for each adapter that node knows, and passes over those without an address.
const all = os.networkInterfaces()
Object.assign(os, { networkInterfaces: () => ({ [name]: all[name] ?? [] }) })

async function detail(): Promise<AdapterDetail> {
  const given = await networkInterfaces()
  const found = (Array.isArray(given) ? given : [given]).find(({ iface, ifaceName }) => iface === name || ifaceName === name)
  const speed = found?.speed ?? null
  return {
    make: (await makeInUdev()) ?? (found ? await makeIn(found) : null),
    // A link without a carrier has a speed of -1.
    speed: speed !== null && speed > 0 ? speed : null,
    virtual: (await hasNoDevice()) ?? (all[name] && found?.virtual) ?? null,
  }
}

/** Windows tells the make as the interface's second name; elsewhere only that of a wireless one is known. */
async function makeIn({ iface, ifaceName, type }: Systeminformation.NetworkInterfacesData): Promise<string | null> {
  if (ifaceName !== iface && ifaceName !== '') return ifaceName
  if (type !== 'wireless') return null
  const wireless = (await wifiInterfaces()).find((wifi) => wifi.iface === iface)
  return [wireless?.vendor, wireless?.model].filter(Boolean).join(' ') || null
}

/** Linux: udev looks up vendor and model in its hardware database once, when the adapter appears. */
async function makeInUdev(): Promise<string | null> {
  const index = await readFile(`${link}/ifindex`, 'utf8').catch(() => '')
  const known = await readFile(`/run/udev/data/n${index.trim()}`, 'utf8').catch(() => '')
  const value = (key: string) => new RegExp(`^E:ID_${key}_FROM_DATABASE=(.*)$`, 'm').exec(known)?.[1]
  return [value('VENDOR'), value('MODEL')].filter(Boolean).join(' ') || null
}

/** Linux: what no device stands behind lies below /sys/devices/virtual; null where the system has no such files. */
async function hasNoDevice(): Promise<boolean | null> {
  const device = await realpath(link).catch(() => null)
  return device === null ? null : device.startsWith('/sys/devices/virtual/')
}

process.stdout.write(`${JSON.stringify(await detail())}\n`)
