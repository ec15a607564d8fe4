// What is different, before and after: read, not chosen from.
import type { Plan } from '../../preload/contract/changes.ts'

export function Diff({ label, diff }: { label: string; diff: Plan['diff'] }) {
  return (
    <table className="diff">
      <caption className="unseen">{label}</caption>
      <thead>
        <tr>
          <th scope="col">What</th>
          <th scope="col">Before</th>
          <th scope="col">After</th>
        </tr>
      </thead>
      <tbody>
        {diff.map(({ what, before, after }) => (
          <tr key={what}>
            <th scope="row">{what}</th>
            <td className="before">{before}</td>
            <td className="after">{after}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
