// The command line from a checkout: `npm run -s edgewise -- VERB`. Sets up what is missing, then is the CLI itself.
import { fileURLToPath } from 'node:url'
import { runAsProgram } from './fault.mjs'
import { setup } from './setup.mjs'

await runAsProgram(() => setup('cli'))
if (process.exitCode === 0) {
  const cli = new URL('../out/main/cli.js', import.meta.url)
  // As if it had been started itself: the command line sees its own path where it expects one.
  process.argv[1] = fileURLToPath(cli)
  await import(cli.href)
}
