// The view's entry: asks for what the console shows first, then draws.
import { createRoot } from 'react-dom/client'
import { Console } from './console/Console.tsx'
import { followNotices } from './console/notices.ts'
import { followServers } from './console/servers.ts'
import { followRehearsal } from './rehearsal/rehearsal.ts'
import './look.css'
import './parts/parts.css'

followServers()
followNotices()
followRehearsal()

createRoot(document.getElementById('root')!).render(<Console />)
