// The view's only way out: exactly the contract, as the preload hands it over.
import type { Result } from '../preload/contract/call.ts'
import { Failure } from '../preload/contract/failure.ts'
import type { Api } from '../preload/contract/index.ts'

declare global {
  interface Window {
    readonly edgewise: Api
  }
}

export const edgewise: Api = window.edgewise

/** A call whose main side is gone rejects; to the view that is one more failure that it can show. */
export function settled<T>(asked: Promise<Result<T>>): Promise<Result<T>> {
  return asked.catch((): Result<T> => ({ ok: false, error: { code: 'failed', message: 'Edgewise does not answer.', remedy: 'Close the console and open it again.' } }))
}

/** Throws the Failure that was answered. */
export function valueOf<T>(result: Result<T>): T {
  if (!result.ok) throw new Failure(result.error.code, result.error.message, result.error.remedy)
  return result.value
}
