// One line of the actions pane.
import { Button } from 'react-aria-components'
import { Icon } from './Icon.tsx'

interface Props {
  icon: Parameters<typeof Icon>[0]['name']
  label: string
  /** The key that does the same, as menus write it. */
  keys?: string
  isDisabled?: boolean
  onPress(): void
}

export function Action({ icon, label, keys = '', isDisabled = false, onPress }: Props) {
  return (
    <li>
      <Button className="action" isDisabled={isDisabled} onPress={onPress}>
        <Icon name={icon} />
        {label}
        {keys && (
          <span className="keys" aria-hidden="true">
            {keys}
          </span>
        )}
      </Button>
    </li>
  )
}
