// The verbs with their options and help: what `edgewise --help` shows. It loads nothing but commander.
import { Command, InvalidArgumentError, Option } from 'commander'
import packageJson from '../../package.json' with { type: 'json' }
import type { DiagnoseWanted } from './diagnose.ts'
import type { HostsAdded, HostsGuard, HostsListed, HostsSet } from './hosts.ts'
import type { LookupsWanted } from './lookups.ts'
import type { Guard } from './change.ts'
import type { RehearsalWanted } from './rehearse.ts'
import type { AdaptersWanted } from './adapters.ts'
import type { SmtpTestWanted } from './smtp-test.ts'
import type { Flags, Verb } from './perform.ts'
import { addQueueVerbs } from './queue-verbs.ts'
import { example, wholeNumber } from './usage.ts'

/** `inJson`: wrong usage is told in JSON, by whoever catches it. */
export function usage(inJson: boolean, enough: AbortSignal): Command {
  /** Runs a verb whose code is loaded now. */
  const run = async (command: Command, load: () => Promise<Verb>) => {
    const [{ perform }, verb] = await Promise.all([import('./perform.ts'), load()])
    await perform(command.optsWithGlobals<Flags>(), verb, enough)
  }
  const edgewise = new Command('edgewise')
    .description('Shows why mail waits on an edge server, and puts it right: adapters, DNS lookups, restart, proof.')
    .version(packageJson.version, '--version', 'show the version')
    .helpOption('-h, --help', 'show this help, or that of a verb')
    .option('--json', 'answer in JSON: one object on the last line, after a line for each step of long work')
    .addOption(new Option('--transport <name>', 'which transport this is about; where it is absent: that of this machine, or the embedded relay').choices(['embedded', 'postfix', 'exchange']))
    .option('--config-dir <dir>', 'which instance of Postfix, by the folder of its main.cf')
    .option('--home <dir>', 'where settings and the embedded relay live, instead of your own state folder')
    .option('--world <file>', 'adapters, hosts file and ports of a world file, instead of this machine’s')
    .addOption(new Option('--home-hex <digits>', 'the home folder in hexadecimal digits, as an elevated command gets it').hideHelp())
    .addOption(new Option('--config-dir-hex <digits>', 'the folder of Postfix’s main.cf, likewise').hideHelp())
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

  const limits = edgewise.command('limits').description('how long the transport tries, waits and keeps silent, and what it logs')
  limits
    .command('show')
    .description('show what can be set, by the transport’s own names')
    .addHelpText('after', example('edgewise limits show', 'edgewise limits show --json'))
    .action((_, command: Command) => run(command, async () => (await import('./limits.ts')).showLimits))
  guarded(limits.command('set'))
    .argument('[name=value...]', 'what is to be set, also as --NAME VALUE; edgewise limits show lists the names')
    .allowUnknownOption()
    .description('set limits or log settings; they take effect with a restart of the transport service')
    .addHelpText('after', example('edgewise limits set --transient-failure-retry-interval 300 --restart', 'edgewise limits set maximal_queue_lifetime=2d delay_warning_time=4h --dry-run'))
    .action((words: string[], wanted: Guard, command: Command) => run(command, async () => (await import('./limits.ts')).setLimits(words, wanted)))

  const hosts = edgewise.command('hosts').description('the hosts file: its entries, edited so that every other byte stays, and the way back')
  hosts
    .command('list')
    .description('list the entries, each with what is amiss by itself and whether the transport uses it')
    .option('--filter <text>', 'only those with this in address, names, comment or group')
    .option('--problems', 'only those with something amiss')
    .option('--limit <number>', 'as many at most, 1 to 10000', wholeNumber(1, 10_000), 1_000)
    .option('--offset <number>', 'after as many others', wholeNumber(0, Number.MAX_SAFE_INTEGER), 0)
    .addHelpText('after', example('edgewise hosts list', 'edgewise hosts list --filter example.test --json'))
    .action((wanted: HostsListed, command: Command) => run(command, async () => (await import('./hosts.ts')).listHosts(wanted)))
  guardedHosts(hosts.command('add'))
    .argument('<address>', 'an IPv4 or IPv6 address')
    .argument('<name...>', 'the host names at this address')
    .description('add an entry')
    .option('--comment <text>', 'what stands behind it')
    .option('--group <name>', 'at the end of this group instead of that of the file')
    .addHelpText('after', example('edgewise hosts add 203.0.113.25 mx1.example.test', 'edgewise hosts add 2001:db8::25 mx1.example.test mx1 --comment "until DNS is mended" --dry-run'))
    .action((address: string, names: string[], wanted: HostsAdded, command: Command) => run(command, async () => (await import('./hosts.ts')).addHosts(address, names, wanted)))
  guardedHosts(hosts.command('edit'))
    .argument('<line|name>', 'the number of its line, or one of its names')
    .description('change an entry; what is not named stays as it is')
    .option('--address <address>', 'its address')
    .option('--names <list>', 'its names, instead of all it had: A,B')
    .option('--comment <text>', 'what stands behind it; "" takes it away')
    .addHelpText('after', example('edgewise hosts edit mx1.example.test --address 203.0.113.26', 'edgewise hosts edit 12 --names mx1.example.test,mx1'))
    .action((target: string, wanted: HostsSet, command: Command) => run(command, async () => (await import('./hosts.ts')).editHosts(target, wanted)))
  const switches = { enable: 'put disabled entries into effect again', disable: 'make entries comments, to be enabled again', remove: 'remove entries' }
  for (const [kind, description] of Object.entries(switches))
    guardedHosts(hosts.command(kind))
      .argument('<line|name...>', 'numbers of lines, or names that stand on one line each')
      .description(description)
      .addHelpText('after', example(`edgewise hosts ${kind} mx1.example.test`, `edgewise hosts ${kind} 12 13 --dry-run`))
      .action((targets: string[], wanted: HostsGuard, command: Command) => run(command, async () => (await import('./hosts.ts')).switchHosts(kind as keyof typeof switches, targets, wanted)))
  hosts
    .command('check')
    .description('find what is amiss, also what DNS servers and destinations alone can tell')
    .addHelpText('after', example('edgewise hosts check', 'edgewise hosts check --json'))
    .action((_, command: Command) => run(command, async () => (await import('./hosts.ts')).checkHosts))
  guardedHosts(hosts.command('undo'))
    .argument('[id]', 'the id of a save, or its beginning; the newest that stands where it is absent')
    .description('take a save back, byte for byte, and with it every later one')
    .addHelpText('after', example('edgewise hosts undo', 'edgewise hosts undo 3f2a --dry-run'))
    .action((id: string | undefined, wanted: HostsGuard, command: Command) => run(command, async () => (await import('./hosts.ts')).undoHosts(id, wanted)))
  hosts
    .command('history')
    .description('list the last 100 saves of the hosts file')
    .addHelpText('after', example('edgewise hosts history'))
    .action((_, command: Command) => run(command, async () => (await import('./hosts.ts')).hostsHistory))

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
    .argument('<seal>', 'the SHA-256 of what was shown of it')
    .action((id: string, seal: string, _: object, command: Command) => run(command, async () => (await import('./changes.ts')).writeJournalled(id, seal)))

  const service = edgewise.command('service').description('the transport service: its state, start, stop and restart')
  const deeds = { status: 'show whether it runs, and where it takes mail', start: 'start it', stop: 'stop it: mail that waits is kept', restart: 'stop and start it, with the downtime measured' }
  for (const [deed, description] of Object.entries(deeds))
    service
      .command(deed)
      .description(description)
      .addHelpText('after', example(`edgewise service ${deed}`))
      .action((_, command: Command) => run(command, async () => (await import('./service.ts')).service(deed as keyof typeof deeds)))

  addQueueVerbs(edgewise, run)

  edgewise
    .command('smtp-test')
    .argument('<recipient>', 'whose mail hosts are tested: alice@example.test')
    .description('talk to all mail hosts of a recipient at once, step by step up to RCPT TO; with --data a message is sent')
    .option('--from <address>', 'the sender; the null sender <> where it is absent', '')
    .option('--helo <name>', 'said in EHLO, instead of the edge server’s name')
    .option('--host <host>', 'only this host: a name or an address')
    .option('--port <number>', 'instead of 25, or 465 with --tls implicit', wholeNumber(1, 65_535))
    .option('--source <adapter>', 'come from the address of this network adapter (name or id)')
    .addOption(new Option('--tls <mode>', 'whether the connection is encrypted').choices(['none', 'if-offered', 'required', 'implicit']).default('if-offered'))
    .option('--auth-user <name>', 'log in; the password is taken from EDGEWISE_SMTP_PASSWORD or asked at the terminal')
    .option('--data', 'send a message; without it nothing is sent after RCPT TO')
    .option('--subject <text>', 'of the message')
    .option('--body <text>', 'of the message')
    .option('--timeout <seconds>', 'for the connection, and for each reply', wholeNumber(1, 300))
    .addHelpText('after', example('edgewise smtp-test alice@example.test', 'edgewise smtp-test alice@example.test --from bob@corp.test --source DMZ --tls required', 'edgewise smtp-test alice@example.test --host 198.51.100.25 --data --subject Hello --json'))
    .action((recipient: string, wanted: SmtpTestWanted, command: Command) => run(command, async () => (await import('./smtp-test.ts')).smtpTest(recipient, wanted)))

  edgewise
    .command('explain')
    .argument('[text...]', 'a bounce or a last error, in quotation marks; lines of standard input, one reply a line, where it is absent')
    .description('say what a mail server’s reply means, in any language and from any transport, and what to do')
    .addHelpText('after', example('edgewise explain "451 4.7.1 Greylisted, please try again later"', 'edgewise explain "$(cat bounce.txt)" --json', 'edgewise explain --json < last-errors.txt'))
    .action((words: string[], _: object, command: Command) => run(command, async () => (await import('./explain.ts')).explain(words)))

  edgewise
    .command('diagnose')
    .argument('<target>', 'a domain, a mail address, a queue, a message’s id, or "*" for all that waits')
    .description('find out why mail waits: every check at once, the causes that are proven, and who can do what; nothing is sent past RCPT TO')
    .option('--cure', 'carry out the remedy that one click does, guarded, and look again')
    .option('--egress <address>', 'the address that destinations see, where a router translates it; kept, "none" forgets it')
    .option('--report <file>', 'save what was found for others, without mail addresses: .html or .json')
    .addHelpText('after', example('edgewise diagnose example.test', 'edgewise diagnose alice@example.test --egress 203.0.113.10', 'edgewise diagnose "*" --cure', 'edgewise diagnose example.test --report diagnosis.html'))
    .action((target: string, wanted: DiagnoseWanted, command: Command) => run(command, async () => (await import('./diagnose.ts')).diagnose(target, wanted)))

  edgewise
    .command('rehearse')
    .argument('[scenario]', 'the name of a scenario (default: wrong-adapter)')
    .option('--scenario <file>', 'play the scenario in this JSON file')
    .option('--list', 'list the scenarios')
    .addOption(new Option('--all', 'play every scenario, several at once, and compare how each ends with what it expects').conflicts(['scenario', 'list']))
    .description('play a whole incident on loopback: mail waits, the cause is proven, the remedy is done, the mail moves')
    .addHelpText('after', example('edgewise rehearse wrong-adapter', 'edgewise rehearse --scenario my-incident.json --json', 'edgewise rehearse --list', 'edgewise rehearse --all --json'))
    .action((name: string | undefined, wanted: Omit<RehearsalWanted, 'name'>, command: Command) =>
      run(command, async () => (await import('./rehearse.ts')).rehearse({ ...wanted, name })),
    )
  return edgewise
}

/** Options of a guarded change of the settings. */
function guarded(command: Command): Command {
  return anyGuarded(command)
    .option('--dry-run', 'only show the plan and what the DNS servers answer')
    .option('--force', 'also where no DNS server answers')
}

/** Of the hosts file: there no DNS server is asked before. */
function guardedHosts(command: Command): Command {
  return anyGuarded(command)
    .option('--dry-run', 'only show the diff')
    .option('--even-read-only', 'also where the file is read-only or hidden, as which it stays')
}

function anyGuarded(command: Command): Command {
  return command
    .option('--restart', 'restart the transport service afterwards, and verify that mail moves; rolled back if it does not')
    .option('--drain', 'before the restart, take no mail any more and deliver what is due')
    .option('--yes', 'do not ask before it is applied')
    .option('--keep', 'keep it also where it cannot be verified')
}

function oneOf<T extends string>(...choices: T[]) {
  return (text: string): T => {
    const choice = choices.find((one) => one === text)
    if (choice === undefined) throw new InvalidArgumentError(`It is one of ${choices.join(', ')}.`)
    return choice
  }
}
