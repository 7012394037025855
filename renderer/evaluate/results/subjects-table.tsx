/** Headline accuracy by subject, where the problems have subjects. */
import type { EvaluationSummary } from '../../../engine/protocol';
import { countOf } from '../words';

export function SubjectsTable({ subjects }: Pick<EvaluationSummary, 'subjects'>) {
  const lanes = subjects[0]?.lanes ?? [];
  if (subjects.length < 2) return null;
  return (
    <div className="figures-scroller">
      <table className="figures-table" data-testid="subjects-table">
        <caption>Subjects</caption>
        <thead>
          <tr>
            <th scope="col">subject</th>
            {lanes.map(({ lane }) => (
              <th scope="col" key={lane}>
                {lane}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {subjects.map(({ subject, lanes: rights }) => (
            <tr key={subject}>
              <th scope="row">{subject}</th>
              {rights.map(({ lane, right }) => (
                <td key={lane}>
                  {countOf(right.count)} of {right.of}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
