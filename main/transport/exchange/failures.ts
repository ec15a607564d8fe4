// What went wrong on Exchange's side, in our own words where it is known what it means.
import type { z } from 'zod'
import { Failure } from '../../../preload/contract/failure.ts'
import type { errorSchema } from './protocol.ts'

/**
 * RPC_S_SERVER_UNAVAILABLE and EPT_S_NOT_REGISTERED: the queues are asked over RPC of the transport service, whose
 * messages come in the language of Windows while the number stays.
 */
const notRunning = /\b(1722|1753|0x800706ba|0x800706d9)\b/i
const denied = /UnauthorizedAccess|SecurityException|ADNoPermission|InsufficientPermission|AuthorizationManager/i

export function failureOf({ type, message, fqid, category }: z.output<typeof errorSchema>): Failure {
  const said = message.trim().replace(/\s+/g, ' ')
  if (notRunning.test(`${message} ${fqid}`)) return new Failure('transport-unreachable', 'The transport service is not running.', 'Start it: edgewise service start, or Start transport service in the console.')
  if (denied.test(`${type} ${fqid}`) || category === 'PermissionDenied' || category === 'SecurityError')
    return new Failure('needs-administrator', `Exchange refuses it: ${said}`, 'Run Edgewise as a local administrator of the edge server.')
  if (category === 'ObjectNotFound' || /ObjectNotFound/i.test(type)) return new Failure('not-found', said)
  if (type === 'System.ArgumentException' || category === 'InvalidArgument' || category === 'InvalidData') return new Failure('bad-input', said)
  return new Failure('failed', `Exchange says: ${said}`)
}
