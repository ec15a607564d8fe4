// Recorded outputs in the form that macOS's programs print, in place of a Mac, which the tests do not have.
export const ports = `
Hardware Port: Ethernet
Device: en0
Ethernet Address: 14:98:77:AA:BB:01

Hardware Port: Wi-Fi
Device: en1
Ethernet Address: 14:98:77:aa:bb:02

Hardware Port: Thunderbolt Bridge
Device: bridge0
Ethernet Address: 36:f1:11:aa:bb:03

VLAN Configurations
===================
`

export const services = `An asterisk (*) denotes that a network service is disabled.
(1) Ethernet
(Hardware Port: Ethernet, Device: en0)

(*) Wi-Fi
(Hardware Port: Wi-Fi, Device: en1)

(2) Thunderbolt Bridge
(Hardware Port: Thunderbolt Bridge, Device: bridge0)

`

export const dns = `DNS configuration

resolver #1
  search domain[0] : corp.example
  nameserver[0] : 10.0.0.10
  nameserver[1] : fd00::10
  if_index : 4 (en0)
  flags    : Request A records, Request AAAA records
  reach    : 0x00020002 (Reachable,Directly Reachable Address)

resolver #2
  domain   : local
  options  : mdns
  timeout  : 5
  flags    : Request A records, Request AAAA records
  reach    : 0x00000000 (Not Reachable)
  order    : 300000

DNS configuration (for scoped queries)

resolver #1
  search domain[0] : corp.example
  nameserver[0] : 10.0.0.10
  nameserver[1] : fe80::1%en0
  if_index : 4 (en0)
  flags    : Scoped, Request A records, Request AAAA records
  reach    : 0x00020002 (Reachable,Directly Reachable Address)

resolver #2
  nameserver[0] : 192.168.7.1
  if_index : 14 (utun3)
  flags    : Scoped, Request A records
  reach    : 0x00000003 (Reachable,Transient Connection)
`
