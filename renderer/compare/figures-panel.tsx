/** The outcome of both sides in figures, and the difference. */
import { useMemo } from 'react';
import { OUTCOMES } from '../run/run-words';
import { number, signed } from '../ui/text/format';
import { endWords, type FigureLine, finalFigures } from './final-figures';
import type { Side } from './side';
import { SidesHead } from './sides-head';
import './compare-table.css';

export function FiguresPanel({ a, b }: { a: Side; b: Side }) {
  const lines = useMemo(() => finalFigures(a, b), [a, b]);
  return (
    <section className="compare-panel" data-testid="final-figures" aria-labelledby="final-figures-title">
      <h3 id="final-figures-title">Figures</h3>
      <table className="compare-table compare-table--figures">
        <SidesHead rows="figure" last="B − A" />
        <tbody>
          <tr>
            <th scope="row">ended by</th>
            <td>{endWords(a.lane)}</td>
            <td>{endWords(b.lane)}</td>
            <td />
          </tr>
          {a.summary.outcome !== b.summary.outcome && (
            <tr>
              <th scope="row">run</th>
              <td>{OUTCOMES[a.summary.outcome].word}</td>
              <td>{OUTCOMES[b.summary.outcome].word}</td>
              <td />
            </tr>
          )}
          {lines.map((line) => (
            <Line key={line.name} line={line} />
          ))}
        </tbody>
      </table>
      <p className="muted compare-honest">Lower prompt loss is no proof of a better answer.</p>
    </section>
  );
}

function Line({ line: { name, unit, digits, a, b } }: { line: FigureLine }) {
  const write = (value: number | null) => (value === null ? '–' : number(value, digits));
  return (
    <tr>
      <th scope="row">
        {name} {unit !== '' && <span className="muted">{unit}</span>}
      </th>
      <td>{write(a)}</td>
      <td>{write(b)}</td>
      <td>{a === null || b === null ? '' : signed(b - a, digits)}</td>
    </tr>
  );
}
