/** The head of a table that has A beside B. */
import { SideLetter } from './side-letter';

interface SidesHeadProps {
  /** What the rows are, for screen readers. */
  readonly rows: string;
  /** The column after B. */
  readonly last?: string;
}

export function SidesHead({ rows, last }: SidesHeadProps) {
  return (
    <thead>
      <tr>
        <th scope="col">
          <span className="visually-hidden">{rows}</span>
        </th>
        <th scope="col">
          <SideLetter letter="A" />
        </th>
        <th scope="col">
          <SideLetter letter="B" />
        </th>
        {last !== undefined && <th scope="col">{last}</th>}
      </tr>
    </thead>
  );
}
