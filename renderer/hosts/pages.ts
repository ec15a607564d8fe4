// Which lines of the hosts file are shown. Pure.
import type { hostsShows } from '../../preload/contract/hosts.ts'

export type HostsShow = (typeof hostsShows)[number]

export interface View {
  filter: string
  show: HostsShow
}

/** Every line has a row then, so that a row's place tells its line without asking. */
export const isWhole = ({ filter, show }: View) => filter === '' && show === 'all'

export const sameView = (one: View, other: View) => one.filter === other.filter && one.show === other.show
