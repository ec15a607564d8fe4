// What the bench of Postfix's queue measures, to be bundled for processes of its own.
export { openInstance } from '../../main/transport/postfix/instance.ts'
export { explained } from '../../main/transport/explained.ts'
export { queueFile } from '../../main/transport/postfix/paths.ts'
export { PostfixQueues } from '../../main/transport/postfix/queues.ts'
export { openInstance as openOwn, whyNoPostfix } from '../real/postfix-instance.ts'
