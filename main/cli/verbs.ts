// The verbs with their options and help: what `edgewise --help` shows. It loads nothing but commander.
import { Command, InvalidArgumentError, Option } from 'commander'
import packageJson from '../../package.json' with { type: 'json' }
import type { LookupsWanted } from './lookups.ts'
import type { LimitsWanted } from './limits.ts'
import type { MessagesWanted } from './queues.ts'
import type { RehearsalWanted } from './rehearse.ts'
import type { AdaptersWanted } from './adapters.ts'
import type { Flags, Verb } from './perform.ts'

/** `inJson`: wrong usage is told in JSON, by whoever catches it. */
export function usage(inJson: boolean, enough: AbortSignal): Command {
  /** Runs a verb whose code is loaded now. */
  const run = async (command: Command, load: () => Promise<Verb>) => {
    const { perform } = await import('./perform.ts')
    await perform(command.optsWithGlobals<Flags>(), await load(), enough)
  }
  const edgewise = new Command('edgewise')
    .description('Shows why mail waits on an edge server, and puts it right: adapters, DNS lookups, restart, proof.')
    .version(packageJson.version, '--version', 'show the version')
    .helpOption('-h, --help', 'show this help, or that of a verb')
    .option('--json', 'answer in JSON: one object on the last line, after a line for each step of long work')
    .addOption(new Option('--transport <name>', 'which transport this is about; embedded where it is absent').choices(['embedded', 'postfix', 'exchange']))
    .option('--home <dir>', 'where settings and the embedded relay live, instead of your own state folder')
    .option('--world <file>', 'adapters, hosts file and ports of a world file, instead of this machine’s')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeErr: (text) => inJson || process.stderr.write(text),
      outputError: (text, write) => write(text.replace(/^error: /, 'edgewise: ')),
    })
    .showHelpAfterError('See edgewise --help.')
    .exitOverride()
  edgewise.addHelpText(
    'after',
    `
Exit codes: 0 done; 1 failed, or a fault was found; 2 wrong usage; 3 needs an administrator;
            4 the transport cannot be reached; 5 changed and rolled back.

Examples:
  edgewise queues                                    what waits, and its last error
  edgewise lookups set internal --adapter LAN --restart
  edgewise rehearse                                  the whole incident, on loopback`,
  )

  edgewise
    .command('adapters')
    .description('list the network adapters, each with its addresses and its own DNS servers')
    .option('--adapter <name>', 'only this one (name or id)')
    .option('--health', 'ask their DNS servers too: whether, how and how fast each answers, and whether they agree')
    .addHelpText('after', example('edgewise adapters', 'edgewise adapters --health', 'edgewise adapters --adapter LAN --health --json'))
    .action((wanted: AdaptersWanted, command: Command) => run(command, async () => (await import('./adapters.ts')).adapters(wanted)))

  edgewise
    .command('server')
    .description('show this machine’s edge server: transport, service, DNS lookups in effect, mail that waits')
    .addHelpText('after', example('edgewise server', 'edgewise server --json --home /srv/edge'))
    .action((_, command: Command) => run(command, async () => (await import('./server.ts')).server))

  const lookups = edgewise.command('lookups').description('where the transport asks: the internal and external DNS lookups')
  lookups
    .command('show')
    .description('show the chosen lookups, and which DNS servers are in effect')
    .addHelpText('after', example('edgewise lookups show'))
    .action((_, command: Command) => run(command, async () => (await import('./lookups.ts')).showLookups))
  guarded(lookups.command('set'))
    .argument('<side>', 'internal or external', oneOf('internal', 'external'))
    .description('choose the source of the internal or external lookups; takes effect with a restart of the transport service')
    .addOption(new Option('--adapter <name>', 'ask the DNS servers of this network adapter (name or id)').conflicts(['allAdapters', 'servers']))
    .addOption(new Option('--all-adapters', 'ask the DNS servers of all available adapters').conflicts(['adapter', 'servers']))
    .addOption(new Option('--servers <list>', 'ask these DNS servers, in this order: A,B').conflicts(['adapter', 'allAdapters']))
    .addOption(new Option('--protocol <name>', 'how they are asked').choices(['any', 'tcp', 'udp']))
    .addOption(new Option('--use-for-internet <answer>', 'external only: whether Internet mail asks the external lookups, not the internal ones').choices(['yes', 'no']))
    .addHelpText(
      'after',
      example(
        'edgewise lookups set internal --adapter LAN --restart',
        'edgewise lookups set internal --servers 10.0.0.10,fd00::10 --protocol tcp --dry-run',
        'edgewise lookups set external --all-adapters --use-for-internet yes',
      ),
    )
    .action((side: 'internal' | 'external', wanted: LookupsWanted, command: Command) =>
      run(command, async () => (await import('./lookups.ts')).setLookups(side, wanted)),
    )

  guarded(edgewise.command('limits').description('how long the transport tries, waits and keeps silent').command('set'))
    .description('set limits, in seconds; they take effect with a restart of the transport service')
    .option('--transient-failure-retry-interval <seconds>', 'between two attempts', wholeNumber(1, 43_200))
    .option('--message-expiration-timeout <seconds>', 'before a message is returned', wholeNumber(5, 7_776_000))
    .option('--delay-notification-timeout <seconds>', 'before the sender is told of a delay', wholeNumber(1, 2_592_000))
    .addHelpText('after', example('edgewise limits set --transient-failure-retry-interval 300 --restart'))
    .action((wanted: LimitsWanted, command: Command) => run(command, async () => (await import('./limits.ts')).setLimits(wanted)))

  const changes = edgewise.command('changes').description('the journal: what was changed, and the way back')
  changes
    .command('list')
    .description('list the changes, newest first')
    .addHelpText('after', example('edgewise changes list'))
    .action((_, command: Command) => run(command, async () => (await import('./changes.ts')).listChanges))
  changes
    .command('show')
    .argument('<id>', 'the id of a change, or its beginning')
    .description('show a change with its steps and the evidence')
    .addHelpText('after', example('edgewise changes show 3f2a'))
    .action((id: string, _: object, command: Command) => run(command, async () => (await import('./changes.ts')).showChange(id)))
  changes
    .command('resume')
    .description('finish or take back a change whose process died; every start does this by itself')
    .addHelpText('after', example('edgewise changes resume'))
    .action((_, command: Command) => run(command, async () => (await import('./changes.ts')).resumeChange))
  changes
    .command('rollback')
    .argument('<id>', 'the id of a change that was kept, or its beginning')
    .option('--restart', 'restart the transport service afterwards, and verify')
    .description('take a kept change back, byte for byte')
    .addHelpText('after', example('edgewise changes rollback 3f2a --restart'))
    .action((id: string, wanted: { restart?: true }, command: Command) => run(command, async () => (await import('./changes.ts')).rollBackChange(id, wanted)))

  changes
    .command('write-journalled', { hidden: true })
    .argument('<id>', 'the id of the open change')
    .requiredOption('--home-hex <digits>', 'the home folder, in hexadecimal digits')
    .action((id: string, _: object, command: Command) => run(command, async () => (await import('./changes.ts')).writeJournalled(id)))

  const service = edgewise.command('service').description('the transport service: its state, start, stop and restart')
  const deeds = { status: 'show whether it runs, and where it takes mail', start: 'start it', stop: 'stop it: mail that waits is kept', restart: 'stop and start it, with the downtime measured' }
  for (const [deed, description] of Object.entries(deeds))
    service
      .command(deed)
      .description(description)
      .addHelpText('after', example(`edgewise service ${deed}`))
      .action((_, command: Command) => run(command, async () => (await import('./service.ts')).service(deed as keyof typeof deeds)))

  edgewise
    .command('queues')
    .description('list the queues: next hop, messages, status, next retry, last error')
    .addHelpText('after', example('edgewise queues', 'edgewise queues --json'))
    .action((_, command: Command) => run(command, async () => (await import('./queues.ts')).queues))

  edgewise
    .command('messages')
    .description('list the messages that wait, oldest first')
    .option('--queue <next-hop>', 'only those of this queue')
    .option('--limit <number>', 'as many at most, 1 to 10000', wholeNumber(1, 10_000), 100)
    .option('--offset <number>', 'after as many others', wholeNumber(0, Number.MAX_SAFE_INTEGER), 0)
    .addHelpText('after', example('edgewise messages --queue example.test', 'edgewise messages --limit 20 --offset 40 --json'))
    .action((wanted: MessagesWanted, command: Command) => run(command, async () => (await import('./queues.ts')).messages(wanted)))

  edgewise
    .command('rehearse')
    .argument('[scenario]', 'the name of a scenario (default: wrong-adapter)')
    .option('--scenario <file>', 'play the scenario in this JSON file')
    .option('--list', 'list the scenarios')
    .description('play a whole incident on loopback: mail waits, the cause is proven, the remedy is done, the mail moves')
    .addHelpText('after', example('edgewise rehearse wrong-adapter', 'edgewise rehearse --scenario my-incident.json --json', 'edgewise rehearse --list'))
    .action((name: string | undefined, wanted: Omit<RehearsalWanted, 'name'>, command: Command) =>
      run(command, async () => (await import('./rehearse.ts')).rehearse({ ...wanted, name })),
    )
  return edgewise
}

/** Options of every guarded change. */
function guarded(command: Command): Command {
  return command
    .option('--restart', 'restart the transport service afterwards, and verify that mail moves; rolled back if it does not')
    .option('--drain', 'before the restart, take no mail any more and deliver what is due')
    .option('--dry-run', 'only show the plan and what the DNS servers answer')
    .option('--force', 'also where no DNS server answers')
    .option('--yes', 'do not ask before it is applied')
    .option('--keep', 'keep it also where it cannot be verified')
}

function example(...lines: string[]): string {
  return `\nExample${lines.length > 1 ? 's' : ''}:\n${lines.map((line) => `  ${line}`).join('\n')}`
}

function oneOf<T extends string>(...choices: T[]) {
  return (text: string): T => {
    const choice = choices.find((one) => one === text)
    if (choice === undefined) throw new InvalidArgumentError(`It is one of ${choices.join(', ')}.`)
    return choice
  }
}

function wholeNumber(least: number, most: number) {
  return (text: string): number => {
    const number = Number(text)
    if (!/^\d+$/.test(text) || number < least || number > most)
      throw new InvalidArgumentError(most === Number.MAX_SAFE_INTEGER ? `It is a whole number from ${least}.` : `It is a whole number from ${least} to ${most}.`)
    return number
  }
}
