// Small pictures beside words; none of them says anything that the word does not.
const pictures = {
  server: (
    <>
      <rect x="3" y="1.5" width="10" height="13" rx="1" fill="#dfe6ee" stroke="#5d7288" />
      <path d="M5 4.5h6M5 6.5h6" stroke="#5d7288" />
      <circle cx="10.4" cy="11.6" r="1.1" fill="#3a9a3a" />
    </>
  ),
  toolbox: (
    <>
      <path d="M5.5 5V3.5h5V5" fill="none" stroke="#6b4a2b" strokeWidth="1.4" />
      <rect x="1.5" y="5" width="13" height="8.5" rx="1" fill="#d9873b" stroke="#8a5220" />
      <path d="M1.5 8.5h13" stroke="#8a5220" />
      <rect x="6.6" y="7.4" width="2.8" height="2.4" fill="#f6dfb8" stroke="#8a5220" strokeWidth=".8" />
    </>
  ),
  queue: (
    <>
      <path d="M4.5 3.5h10v7" fill="none" stroke="#8ba0b8" />
      <rect x="1.5" y="5.5" width="11" height="8" rx=".6" fill="#fff9df" stroke="#8a7430" />
      <path d="m1.8 6 5.2 4.2L12.2 6" fill="none" stroke="#8a7430" />
    </>
  ),
  smtp: (
    <>
      <rect x="1.5" y="2.5" width="13" height="11" rx="1" fill="#20303f" stroke="#4a5a6c" />
      <path d="m3.6 5.6 2.4 2-2.4 2" fill="none" stroke="#9fe0a4" strokeWidth="1.3" />
      <path d="M7.5 10.2h4.5" stroke="#fff" strokeWidth="1.3" />
    </>
  ),
  rehearsal: (
    <>
      <rect x="1.5" y="6" width="13" height="8" rx=".8" fill="#f2f5f8" stroke="#4a5a6c" />
      <path d="m1.7 5.7 12.3-3.2.5 2-12.3 3.2z" fill="#4a5a6c" />
      <path d="m4.5 5 .9 1.7M8 4.1l.9 1.7M11.5 3.2l.9 1.7" stroke="#fff" />
      <path d="M6.6 8.3 10 10.2l-3.4 1.9z" fill="#2c6fb5" />
    </>
  ),
  properties: (
    <>
      <rect x="2.5" y="1.5" width="9" height="13" rx=".6" fill="#fff" stroke="#6b7d90" />
      <path d="M4.5 4.5h5M4.5 7h5M4.5 9.5h3" stroke="#8ba0b8" />
      <path d="m8.8 11.7 4.6-5.2 1.5 1.3-4.7 5.2-2 .7z" fill="#f2c14e" stroke="#8a6a1c" strokeWidth=".8" />
    </>
  ),
  restart: (
    <>
      <path d="M12.8 8A4.8 4.8 0 1 1 11 4.25" fill="none" stroke="#2f7d32" strokeWidth="1.9" />
      <path d="m9.4 5.6 4.3.3-.5-4.4z" fill="#2f7d32" />
    </>
  ),
  start: <path d="m4.5 2.5 8 5.5-8 5.5z" fill="#43a047" stroke="#246b27" />,
  stop: <rect x="3.5" y="3.5" width="9" height="9" rx=".8" fill="#c94a3d" stroke="#8c2b21" />,
  warning: (
    <>
      <path d="M8 1.7 15 14H1z" fill="#ffd24a" stroke="#9a7400" strokeLinejoin="round" />
      <path d="M8 6v4" stroke="#3d2f00" strokeWidth="1.6" />
      <circle cx="8" cy="12" r=".95" fill="#3d2f00" />
    </>
  ),
  information: (
    <>
      <circle cx="8" cy="8" r="6.5" fill="#3b7fc4" stroke="#235a93" />
      <path d="M8 7v4.5" stroke="#fff" strokeWidth="1.8" />
      <circle cx="8" cy="4.7" r="1.1" fill="#fff" />
    </>
  ),
  failed: (
    <>
      <circle cx="8" cy="8" r="6.5" fill="#c94a3d" stroke="#8c2b21" />
      <path d="m5.3 5.3 5.4 5.4m0-5.4-5.4 5.4" stroke="#fff" strokeWidth="1.8" />
    </>
  ),
  silent: (
    <>
      <circle cx="8" cy="8" r="6.5" fill="#eceff2" stroke="#6b747d" />
      <path d="M4.6 8h1.6m1 0h1.6m1 0h1.6" stroke="#4a5560" strokeWidth="1.8" />
    </>
  ),
  denied: (
    <>
      <circle cx="8" cy="8" r="6" fill="#fff" stroke="#b3541e" strokeWidth="1.8" />
      <path d="m4 4 8 8" stroke="#b3541e" strokeWidth="1.8" />
    </>
  ),
  hosts: (
    <>
      <path d="M3 1.5h7l3 3v10H3z" fill="#fff" stroke="#6b7d90" />
      <path d="M10 1.5v3h3" fill="none" stroke="#6b7d90" />
      <path d="M5 6.5h1.5M8 6.5h3M5 9h1.5M8 9h3M5 11.5h1.5M8 11.5h3" stroke="#2c6fb5" strokeWidth="1.2" />
    </>
  ),
  add: <path d="M8 2.5v11M2.5 8h11" stroke="#2f7d32" strokeWidth="2.4" />,
  edit: <path d="m3 10.5 7.5-8 2.5 2.2-7.6 8-3 .9z" fill="#f2c14e" stroke="#8a6a1c" strokeWidth=".9" />,
  up: <path d="M8 2.5 13 8h-3v5.5H6V8H3z" fill="#5b8fc7" stroke="#2f5d92" strokeWidth=".9" />,
  down: <path d="M8 13.5 3 8h3V2.5h4V8h3z" fill="#5b8fc7" stroke="#2f5d92" strokeWidth=".9" />,
  group: (
    <>
      <path d="M1.5 4h4.6l1.4 1.6h7v7.9h-13z" fill="#f6dfa2" stroke="#9a7a2c" />
      <path d="M4 8.5h8M4 11h8" stroke="#9a7a2c" />
    </>
  ),
  comment: (
    <>
      <path d="M1.5 2.5h13v8.6H7l-3 2.6v-2.6H1.5z" fill="#eef4fb" stroke="#5d7288" />
      <path d="M4 5.5h8M4 8h5" stroke="#5d7288" />
    </>
  ),
  check: (
    <>
      <circle cx="6.6" cy="6.6" r="4.6" fill="#eef4fb" stroke="#4a5a6c" strokeWidth="1.4" />
      <path d="m10 10 4.3 4.3" stroke="#4a5a6c" strokeWidth="2" />
      <path d="m4.5 6.7 1.6 1.6 2.7-3.2" fill="none" stroke="#2f7d32" strokeWidth="1.4" />
    </>
  ),
  troubleshooter: (
    <>
      <rect x="1.5" y="5.5" width="9.5" height="7" rx=".6" fill="#fff9df" stroke="#8a7430" />
      <path d="m1.8 6 4.4 3.6L10.7 6" fill="none" stroke="#8a7430" />
      <circle cx="10.4" cy="5.4" r="3.7" fill="#eef4fb" fillOpacity=".85" stroke="#4a5a6c" strokeWidth="1.3" />
      <path d="m13 8 2.3 2.6" stroke="#4a5a6c" strokeWidth="1.9" />
      <path d="M10.4 3.4v2.4" stroke="#a51f12" strokeWidth="1.3" />
      <circle cx="10.4" cy="7.2" r=".7" fill="#a51f12" />
    </>
  ),
  undo: (
    <>
      <path d="M3.2 7.5a5 5 0 1 1 .9 4" fill="none" stroke="#2c6fb5" strokeWidth="1.9" />
      <path d="m1 4.3 1.9 4.5 4-2.7z" fill="#2c6fb5" />
    </>
  ),
  text: <path d="M2 3.5h12M2 6.5h8M2 9.5h11M2 12.5h6" stroke="#4a5a6c" strokeWidth="1.4" />,
  done: (
    <>
      <circle cx="8" cy="8" r="6.5" fill="#3a9a3a" stroke="#246b27" />
      <path d="m4.8 8.2 2.3 2.3 4.2-4.7" fill="none" stroke="#fff" strokeWidth="1.8" />
    </>
  ),
  asking: <circle cx="8" cy="8" r="5.5" fill="none" stroke="#565d66" strokeWidth="1.6" strokeDasharray="2.9 2.9" />,
  unknown: <circle cx="8" cy="8" r="5.5" fill="none" stroke="#565d66" strokeWidth="1.6" />,
}
export type IconName = keyof typeof pictures

export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="icon" width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
      {pictures[name]}
    </svg>
  )
}
