/** What was set otherwise; what was set alike is folded away. */

import { useMemo } from 'react';
import { readableText } from '../../engine/protocol';
import { diffSettings, type SettingLine } from './settings-diff';
import type { Side } from './side';
import { SidesHead } from './sides-head';
import './compare-table.css';

export function SettingsPanel({ a, b }: { a: Side; b: Side }) {
  const { differing, same } = useMemo(() => diffSettings(a, b), [a, b]);
  return (
    <section className="compare-panel" data-testid="settings-diff" aria-labelledby="settings-diff-title">
      <h3 id="settings-diff-title">Settings that differ</h3>
      {differing.length === 0 ? (
        <p className="muted">None: both were run with the same settings.</p>
      ) : (
        <table className="compare-table">
          <SidesHead rows="setting" />
          <tbody>
            {differing.map((line) => (
              <Line key={line.name} line={line} />
            ))}
          </tbody>
        </table>
      )}
      {same.length > 0 && (
        <details className="compare-same">
          <summary>
            <span className="compare-same__names">same: {same.map(({ name }) => name).join(', ')}</span>
          </summary>
          <dl>
            {same.map(({ name, a: value }) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{readableText(value)}</dd>
              </div>
            ))}
          </dl>
        </details>
      )}
    </section>
  );
}

function Line({ line }: { line: SettingLine }) {
  return (
    <tr>
      <th scope="row">{line.name}</th>
      <td title={readableText(line.a)}>
        <span className="compare-table__text" dir="auto">
          {readableText(line.a)}
        </span>
      </td>
      <td title={readableText(line.b)}>
        <span className="compare-table__text" dir="auto">
          {readableText(line.b)}
        </span>
      </td>
    </tr>
  );
}
