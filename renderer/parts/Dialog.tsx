// A dialog inside the window: 7.css's frame, React Aria's behaviour (focus kept inside, Escape, everything behind it inert).
import type { ReactNode } from 'react'
import { Button, Dialog as AriaDialog, Heading, Modal, ModalOverlay } from 'react-aria-components'

interface Props {
  title: string
  /** Escape and ✕; without it neither does anything, such as while work is under way that must be seen. */
  onClose?: (() => void) | undefined
  footer: ReactNode
  children: ReactNode
  className?: string
  role?: 'dialog' | 'alertdialog'
}

export function Dialog({ title, onClose, footer, children, className = '', role = 'dialog' }: Props) {
  return (
    <ModalOverlay
      className="overlay"
      isOpen
      isKeyboardDismissDisabled={!onClose}
      onOpenChange={(isOpen) => {
        if (!isOpen) onClose?.()
      }}
    >
      <Modal className={`window active ${className}`}>
        <AriaDialog className="dialog" role={role}>
          <div className="title-bar">
            <Heading slot="title" className="title-bar-text">
              {title}
            </Heading>
            <div className="title-bar-controls">
              <Button aria-label="Close" isDisabled={!onClose} excludeFromTabOrder onPress={() => onClose?.()} />
            </div>
          </div>
          <div className="window-body">
            {children}
            <div className="dialog-footer">{footer}</div>
          </div>
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  )
}
