// `npm start`: opens the window; where there is no display, plays a rehearsal in the terminal instead.
import { run } from './child.mjs'
import { runAsProgram, say } from './fault.mjs'
import { checkout } from './places.mjs'
import { setup } from './setup.mjs'

const { DISPLAY, WAYLAND_DISPLAY } = process.env
const isLinux = process.platform === 'linux'

function flags() {
  const flags = []
  // Chromium's sandbox refuses to start for root.
  if (isLinux && process.getuid?.() === 0) flags.push('--no-sandbox')
  if (isLinux && !DISPLAY) flags.push('--ozone-platform=wayland')
  return flags
}

async function openWindow() {
  await setup('window')
  const { electronPath } = await import('./electron-runtime.mjs')
  const env = { ...process.env }
  // Set in terminals of editors that are Electron apps themselves; it would keep the window from opening.
  delete env.ELECTRON_RUN_AS_NODE
  const { code } = await run(electronPath(), [...flags(), checkout, ...process.argv.slice(2)], { env, shareInput: true })
  return code
}

if (isLinux && !DISPLAY && !WAYLAND_DISPLAY) {
  say('No display here: playing the rehearsal in the terminal instead.')
  process.argv.splice(2, 0, 'rehearse', 'wrong-adapter')
  await import('./edgewise.mjs')
} else {
  await runAsProgram(openWindow)
}
