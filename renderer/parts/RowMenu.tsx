// What the actions pane offers for the selected rows, where the mouse or the menu key asks for it.
import { useRef } from 'react'
import { Menu, MenuItem, MenuSection, Popover, Separator } from 'react-aria-components'
import { Icon, type IconName } from './Icon.tsx'

export interface Offered {
  id: string
  label: string
  icon: IconName
  /** As menus write it. */
  keys: string
  isPossible: boolean
}

/** A place in the window, in pixels. */
export interface Spot {
  x: number
  y: number
}

interface Props {
  label: string
  /** Parts of the menu, with a line between them. */
  offered: readonly (readonly Offered[])[]
  /** Null while the menu is closed. */
  at: Spot | null
  onRun(id: string): void
  onClose(): void
}

export function RowMenu({ label, offered, at, onRun, onClose }: Props) {
  const place = useRef<HTMLSpanElement>(null)
  return (
    <>
      <span ref={place} className="menu-place" style={at ? { left: at.x, top: at.y } : {}} />
      <Popover aria-label={label} className="popover" triggerRef={place} placement="bottom start" offset={0} isOpen={at !== null} onOpenChange={(isOpen) => !isOpen && onClose()}>
        <Menu
          aria-label={label}
          className="list options menu"
          disabledKeys={offered.flat().flatMap(({ id, isPossible }) => (isPossible ? [] : [id]))}
          onAction={(key) => onRun(String(key))}
          onClose={onClose}
        >
          {offered.flatMap((part, at) => [
            ...(at > 0 ? [<Separator key={`line ${at}`} className="menu-line" />] : []),
            <MenuSection key={at} aria-label={`${label}, part ${at + 1}`}>
              {part.map((one) => (
                <MenuItem key={one.id} id={one.id} textValue={one.label} className="option">
                  <span className="menu-label">
                    <Icon name={one.icon} />
                    {one.label}
                  </span>
                  <span className="keys" aria-hidden="true">
                    {one.keys}
                  </span>
                </MenuItem>
              ))}
            </MenuSection>,
          ])}
        </Menu>
      </Popover>
    </>
  )
}
