// Others wrote the file first: what they changed, what was wanted, and both together. Nothing of theirs is overwritten.
import { Button } from 'react-aria-components'
import type { ThreeWay } from '../../preload/contract/hosts.ts'
import { edgewise } from '../api.ts'
import { Patch } from '../change/Patch.tsx'
import { Dialog } from '../parts/Dialog.tsx'
import { Failed } from '../parts/Failed.tsx'
import { Waiting } from '../parts/Waiting.tsx'
import { useFollowed } from '../parts/follow.ts'
import { number } from '../parts/format.ts'
import { closeQuestion, type Saving } from './forms.ts'
import { hostsChangesOf } from './hosts.ts'
import { save } from './saving.ts'

export function Compare({ saving }: { saving: Saving }) {
  const { server, file, edit } = saving
  const { value, failure, again } = useFollowed(file.hash, () => edgewise.hosts.compare({ server, hash: file.hash, edit }), hostsChangesOf(server))
  const merged = value?.merged ?? null
  return (
    <Dialog
      title="The file was changed meanwhile"
      className="change compare"
      onClose={closeQuestion}
      footer={
        <>
          <Button className="default" isDisabled={!merged} onPress={() => merged && save({ ...saving, file: { ...file, hash: merged.hash }, edit: merged.edit, isAgreed: true })}>
            Save the merged
          </Button>
          <Button autoFocus onPress={closeQuestion}>
            Cancel
          </Button>
        </>
      }
    >
      <div className="dialog-body">
        <h3 className="instruction">Nothing was written, and nothing of what others changed is lost</h3>
        {failure && <Failed failure={failure} onAgain={() => void again()} />}
        {!value && !failure && <Waiting>Comparing</Waiting>}
        {value && <ThreeWays ways={value} />}
      </div>
    </Dialog>
  )
}

function ThreeWays({ ways: { theirs, ours, merged, conflicts } }: { ways: ThreeWay }) {
  return (
    <>
      <section>
        <h3>What others changed</h3>
        <Patch label="What others changed" patch={theirs} />
      </section>
      <section>
        <h3>What you wanted</h3>
        <Patch label="What you wanted" patch={ours} />
      </section>
      {merged ? (
        <section>
          <h3>Merged: what “Save the merged” does to the file as it is now</h3>
          <Patch label="Merged" patch={merged.patch} />
        </section>
      ) : (
        <section>
          <h3>Both changed the same lines</h3>
          <p>Cancel, look at the lines as they are now, and edit them anew.</p>
          <table className="diff">
            <caption className="unseen">Conflicts</caption>
            <thead>
              <tr>
                <th scope="col">Line</th>
                <th scope="col">It was</th>
                <th scope="col">Others made of it</th>
                <th scope="col">You wanted</th>
              </tr>
            </thead>
            <tbody>
              {conflicts.map(({ line, before, theirs: others, ours: own }) => (
                <tr key={line}>
                  <th scope="row">{number(line)}</th>
                  <td>{before}</td>
                  <td>{others}</td>
                  <td>{own}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </>
  )
}
