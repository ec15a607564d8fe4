// Finds out whether the transport service runs.
import { rawRead, type Check } from '../looking.ts'

export const service: Check = {
  name: 'service',
  title: 'The transport service',
  limit: 2_000,
  async run({ subject }, tell) {
    const { state, since, note, listening } = subject.properties.service
    const running = `The transport service runs${since === null ? '' : ` since ${since}`}${listening === null ? '' : ` and takes mail at ${listening}`}.`
    tell({ target: '*', verdict: state === 'running' ? 'good' : 'bad', text: state === 'running' ? running : `The transport service is ${state}${note === null ? '' : `: ${note.replace(/\.$/, '')}`}.`, raw: rawRead(subject.properties.service), fact: { kind: 'service', state } })
  },
}
