// A failure in the pane where its subject would stand: what is wrong, what to do, and once more.
import { Button } from 'react-aria-components'
import type { FailureValue } from '../../preload/contract/failure.ts'
import { Icon } from './Icon.tsx'

export function Failed({ failure, onAgain }: { failure: FailureValue; onAgain?: () => void }) {
  return (
    <div className="failed" role="alert">
      <Icon name="warning" />
      <div>
        <p>{failure.message}</p>
        {failure.remedy && <p>{failure.remedy}</p>}
        {onAgain && <Button onPress={onAgain}>Try again</Button>}
      </div>
    </div>
  )
}
