// The verbs about queues and messages, with their options and help.
import type { Command } from 'commander'
import type { Verb } from './perform.ts'
import type { ActionWanted } from './queue-actions.ts'
import type { MessagesWanted, QueuesWanted } from './queues.ts'
import { example, wholeNumber } from './usage.ts'

type Run = (command: Command, load: () => Promise<Verb>) => Promise<void>

const filterHelp = 'such as: lastError contains "4.4.7" and received older-than 2h'

export function addQueueVerbs(edgewise: Command, run: Run): void {
  edgewise
    .command('queues')
    .description('list the queues: next hop, messages, status, next retry, last error')
    .option('--filter <text>', `only those that it means, ${filterHelp.replace('received older-than 2h', 'inbound is yes')}`)
    .option('--reasons', 'by destination and reason: example.org, 20 messages, connect-failed')
    .option('--over <number>', 'end with exit code 1 where more messages than this wait, for monitoring', wholeNumber(0, Number.MAX_SAFE_INTEGER))
    .addHelpText('after', example('edgewise queues', 'edgewise queues --reasons', 'edgewise queues --over 100 --filter "inbound is yes" --json'))
    .action((wanted: QueuesWanted, command: Command) => run(command, async () => (await import('./queues.ts')).queues(wanted)))

  edgewise
    .command('messages')
    .description('list the messages that wait, oldest first; with --json a line for each, and the total on the last')
    .option('--queue <next-hop>', 'only those of this queue')
    .option('--filter <text>', `only those that it means, ${filterHelp}`)
    .option('--sort <field>', 'in this order, such as size, from, subject or nextRetry')
    .option('--descending', 'the other way round')
    .option('--limit <number>', 'as many at most (default: 100; all with --json)', wholeNumber(1, 1_000_000))
    .option('--offset <number>', 'after as many others', wholeNumber(0, Number.MAX_SAFE_INTEGER), 0)
    .addHelpText('after', example('edgewise messages --queue example.test', 'edgewise messages --sort size --descending --limit 20', `edgewise messages --filter 'lastError contains "4.4.7" and received older-than 2h' --json`))
    .action((wanted: MessagesWanted, command: Command) => run(command, async () => (await import('./queues.ts')).messages(wanted)))

  const queue = edgewise.command('queue').description('do something with queues: retry, suspend, resume, export, remove what waits in them')
  const message = edgewise.command('message').description('do something with messages: retry, suspend, resume, export or remove them')
  const deeds: Record<ActionWanted['deed'], [string, string]> = {
    retry: ['try what waits in queues now, and say what became of each message', 'try messages now, and say what became of each'],
    suspend: ['hold queues: what waits in them and what comes later waits until they are resumed', 'hold messages until they are resumed'],
    resume: ['let suspended queues go on', 'let suspended messages go on'],
    export: ['write what waits in queues to a folder, a file .eml for each message', 'write messages to a folder, a file .eml for each'],
    remove: ['remove what waits in queues; it can be put back for a day', 'remove messages; they can be put back for a day'],
  }
  for (const [deed, [ofQueues, ofMessages]] of Object.entries(deeds) as [ActionWanted['deed'], [string, string]][]) {
    withOptions(queue.command(deed), deed)
      .argument('[next-hops...]', 'which queues, by their next hops')
      .description(ofQueues)
      .addHelpText('after', example(`edgewise queue ${deed} example.test${extra[deed] ?? ''}`, `edgewise queue ${deed} --filter "inbound is yes" --dry-run`))
      .action((names: string[], wanted: ActionWanted, command: Command) => run(command, async () => (await import('./queue-actions.ts')).act('queues', { ...wanted, deed, names })))
    withOptions(message.command(deed), deed)
      .argument('[ids...]', 'which messages')
      .description(ofMessages)
      .addHelpText('after', example(`edgewise message ${deed} 1732449000000-AbCdEf${extra[deed] ?? ''}`, `edgewise message ${deed} --filter 'lastError contains "4.4.7"' --dry-run`))
      .action((names: string[], wanted: ActionWanted, command: Command) => run(command, async () => (await import('./queue-actions.ts')).act('messages', { ...wanted, deed, names })))
  }
  queue
    .command('removed')
    .description('list what was removed and can still be put back')
    .addHelpText('after', example('edgewise queue removed'))
    .action((_, command: Command) => run(command, async () => (await import('./queue-actions.ts')).removed))
  queue
    .command('put-back')
    .argument('<removal>', 'its id, as edgewise queue removed lists it')
    .description('put removed messages back into the queue')
    .addHelpText('after', example('edgewise queue put-back 20261124T130501-0a1b2c3d'))
    .action((id: string, _: object, command: Command) => run(command, async () => (await import('./queue-actions.ts')).putBack(id)))
}

const extra: Partial<Record<ActionWanted['deed'], string>> = { export: ' --folder mail', remove: ' --ndr' }

function withOptions(command: Command, deed: ActionWanted['deed']): Command {
  command.option('--filter <text>', 'those that it means, instead of names').option('--dry-run', 'only say how many are meant').option('--yes', 'do not ask before')
  if (deed === 'remove') command.option('--ndr', 'tell the senders')
  if (deed === 'export') command.requiredOption('--folder <dir>', 'where to; it is made where it is not there')
  return command
}
