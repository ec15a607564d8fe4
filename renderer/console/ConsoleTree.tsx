// The console tree: the edge servers, and the toolbox with its tools.
import { Button, Tree, TreeItem, TreeItemContent } from 'react-aria-components'
import type { ReactNode } from 'react'
import { Icon, type IconName } from '../parts/Icon.tsx'
import { places, useWhere, type Place } from './place.ts'

export function ConsoleTree() {
  const { place, go } = useWhere()
  return (
    <Tree
      aria-label="Console tree"
      className="tree"
      selectionMode="single"
      selectionBehavior="replace"
      disallowEmptySelection
      selectedKeys={[place]}
      defaultExpandedKeys={['toolbox']}
      onSelectionChange={(keys) => {
        const chosen = places.find((one) => keys !== 'all' && keys.has(one))
        if (chosen) go(chosen)
      }}
    >
      <Node place="edge" label="Edge Transport" icon="server" />
      <Node place="toolbox" label="Toolbox" icon="toolbox">
        <Node place="queues" label="Queue Viewer" icon="queue" />
        <Node place="troubleshooter" label="Mail Flow Troubleshooter" icon="troubleshooter" />
        <Node place="smtp" label="SMTP Test" icon="smtp" />
        <Node place="hosts" label="Hosts File" icon="hosts" />
        <Node place="rehearsal" label="Rehearsal" icon="rehearsal" />
      </Node>
    </Tree>
  )
}

function Node({ place, label, icon, children }: { place: Place; label: string; icon: IconName; children?: ReactNode }) {
  return (
    <TreeItem id={place} textValue={label}>
      <TreeItemContent>
        {({ hasChildItems, level, isExpanded }) => (
          <span className="node" data-level={level}>
            {hasChildItems ? (
              <Button slot="chevron" className="chevron">
                <span aria-hidden="true">{isExpanded ? '◢' : '▷'}</span>
              </Button>
            ) : (
              <span className="chevron" />
            )}
            <Icon name={icon} />
            {label}
          </span>
        )}
      </TreeItemContent>
      {children}
    </TreeItem>
  )
}
