// The mail hosts side by side: one row for each address, with how far its dialogue has come.
import type { Tls } from '../../preload/contract/smtp-test.ts'
import { Icon } from '../parts/Icon.tsx'
import { Table, type Column } from '../parts/Table.tsx'
import { milliseconds } from '../parts/format.ts'
import { VerdictMark } from './VerdictMark.tsx'
import { stageName, verdictName } from './names.ts'
import { select, useTesting, type Row } from './testing.ts'

/** The stage that the last step but QUIT was about. */
const reached = ({ steps }: Row) => steps.findLast(({ stage }) => stage !== 'quit')?.stage
const stageText = (row: Row) => {
  const stage = reached(row)
  return stage === undefined ? '–' : stageName[stage]
}
const tlsOf = ({ steps }: Row) => steps.find(({ tls }) => tls !== null)?.tls
const tlsText = (tls: Tls | null | undefined) => (tls ? `${tls.protocol}${tls.problem === null ? '' : ', with a problem of the certificate'}` : 'none')
const resultText = ({ outcome }: Row, isTested: boolean) => (outcome === null ? (isTested ? 'Asking …' : 'Not tested') : verdictName[outcome])

const columnsOf = (isTested: boolean): Column<Row>[] => [
  { name: 'Mail host', cell: ({ host }) => host },
  { name: 'Address', width: '24%', cell: ({ address, port }) => (port === 25 ? address : address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`) },
  {
    name: 'Result',
    width: '106px',
    text: (row) => resultText(row, isTested),
    cell: (row) =>
      row.outcome === null ? (
        <span className="verdict">
          <Icon name={isTested ? 'asking' : 'unknown'} />
          {resultText(row, isTested)}
        </span>
      ) : (
        <VerdictMark verdict={row.outcome} />
      ),
  },
  { name: 'Reached', width: '98px', cell: stageText },
  {
    name: 'TLS',
    width: '92px',
    text: (row) => tlsText(tlsOf(row)),
    cell: (row) => {
      const tls = tlsOf(row)
      return (
        <span className="verdict">
          {tls?.problem && <Icon name="warning" />}
          {tls?.protocol ?? '–'}
        </span>
      )
    },
  },
  { name: 'Time', width: '66px', isNumber: true, cell: ({ ms }) => (ms === null ? '–' : milliseconds(ms)) },
]

export function HostTable() {
  const { rows, selected, isTested, phase } = useTesting()
  const empty = phase !== 'nothing' ? 'Their hosts are being looked up.' : isTested ? 'There is no host to test.' : 'Type a recipient. “Look up” shows who takes the mail; “Test” asks all of them at once, and stops before DATA.'
  return (
    <div className="upper smtp-hosts">
      <Table label="Mail hosts" columns={columnsOf(isTested)} rows={rows} keyOf={({ key }) => key} selected={selected} onSelect={(key) => key !== null && select(key)} empty={empty} />
    </div>
  )
}
