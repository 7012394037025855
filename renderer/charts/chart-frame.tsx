/** A chart's title and its other forms: the same figures as a table, one click or key away, and as a file. */
import { type ReactNode, useId, useRef, useState } from 'react';
import { ChartMenu } from '../export/chart-menu';
import { useChartExport } from '../export/chart-registry';
import type { ChartData } from '../export/csv';

export interface Figures {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

interface ChartFrameProps {
  readonly title: string;
  readonly unit: string;
  readonly testId: string;
  /** One sentence that gives the figures that matter most. */
  readonly summary: string;
  /** Worked out when the table is asked for. */
  readonly figures: () => Figures;
  /** All that is drawn, in full precision, for export. */
  readonly data: () => ChartData;
  /** Buttons that change how it is drawn. */
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

export function ChartFrame({
  title,
  unit,
  testId,
  summary,
  figures,
  data,
  actions,
  children,
}: ChartFrameProps) {
  const [asTable, setAsTable] = useState(false);
  const id = useId();
  const frame = useRef<HTMLElement>(null);
  const exported = useChartExport(title, () => frame.current, data);
  return (
    <figure
      ref={frame}
      className="chart"
      data-testid={testId}
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-summary`}
    >
      <figcaption className="chart__head">
        <h3 id={`${id}-title`}>{title}</h3>
        <span className="muted">{unit}</span>
        {actions && <span className="chart__actions">{actions}</span>}
        <button
          type="button"
          className="button button--quiet chart__toggle"
          aria-pressed={asTable}
          aria-label={`${title} as a table`}
          onClick={() => setAsTable(!asTable)}
        >
          {asTable ? 'Chart' : 'Table'}
        </button>
        <ChartMenu chart={exported} />
      </figcaption>
      <p id={`${id}-summary`} className="visually-hidden">
        {summary}
      </p>
      <div className="chart__body">{asTable ? <FiguresTable {...figures()} /> : children}</div>
    </figure>
  );
}

function FiguresTable({ columns, rows }: Figures) {
  return (
    <div className="figures">
      <table>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row[0]}>
              {row.map((cell, index) => (
                <td key={columns[index]}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
