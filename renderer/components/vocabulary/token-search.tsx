/** The exact shift of any token of the vocabulary, at any step. */
import { useDeferredValue, useId } from 'react';
import type { ShiftSeries } from '../../../engine/protocol';
import type { Adaptation } from '../../run/curves';
import { stepEvent } from '../../run/ranking';
import { signed } from '../../text/format';
import { visibleToken } from '../../text/visible';
import { useAppState, useStudio } from '../studio-context';
import { Sparkline } from './sparkline';
import { useShiftSearch } from './use-shift-search';

export function TokenSearch({ lane, step }: { lane: Adaptation | null; step: number }) {
  const { store } = useStudio();
  const search = useAppState((state) => state.search);
  const outcome = useShiftSearch(lane, useDeferredValue(search));
  const mean = lane ? (stepEvent(lane, step)?.shiftMean ?? 0) : 0;
  const id = useId();

  return (
    <div className="token-search" data-testid="token-search">
      <label htmlFor={id}>Find any token</label>
      <input
        id={id}
        type="search"
        className="mono"
        value={search}
        maxLength={200}
        spellCheck={false}
        placeholder="text it contains, spaces count"
        onChange={(event) => store.setState({ search: event.target.value })}
      />
      {outcome.failure && (
        <p className="field__problem token-search__note" role="alert">
          {outcome.failure.message} {outcome.failure.hint}
        </p>
      )}
      {outcome.found && (
        <>
          <p className="token-search__note muted" role="status">
            {outcome.found.total === 0
              ? 'No token contains this.'
              : `${outcome.found.total.toLocaleString('en')} tokens contain it${
                  outcome.found.total > outcome.found.tokens.length
                    ? `; the first ${outcome.found.tokens.length} are listed`
                    : ''
                }. Shifts in logits after step ${step}.`}
          </p>
          {outcome.found.tokens.length > 0 && (
            <table>
              <thead>
                <tr>
                  <th scope="col" className="token-search__cell token-search__column">
                    token
                  </th>
                  <th scope="col" className="token-search__cell token-search__column">
                    id
                  </th>
                  <th scope="col" className="token-search__cell token-search__column">
                    raw
                  </th>
                  <th scope="col" className="token-search__cell token-search__column">
                    centred
                  </th>
                  <th scope="col" className="token-search__cell token-search__column">
                    steps
                  </th>
                </tr>
              </thead>
              <tbody>
                {outcome.found.tokens.map((series) => (
                  <SeriesRow key={series.id} series={series} step={step} mean={mean} />
                ))}
              </tbody>
            </table>
          )}
        </>
      )}
      {!lane && search !== '' && <p className="token-search__note muted">Run a prompt with SLOT first.</p>}
    </div>
  );
}

function SeriesRow({ series, step, mean }: { series: ShiftSeries; step: number; mean: number }) {
  // Entry i is the shift after update i + 1; before the first update it is zero.
  const shift = step === 0 ? 0 : (series.shifts[Math.min(step, series.shifts.length) - 1] ?? 0);
  return (
    <tr>
      <th scope="row" className="token-search__cell mono" title={visibleToken(series.token)}>
        {visibleToken(series.token, 24)}
      </th>
      <td className="token-search__cell muted">{series.id}</td>
      <td className="token-search__cell">{signed(shift)}</td>
      <td className="token-search__cell">{signed(shift - mean)}</td>
      <td className="token-search__cell">
        <Sparkline values={[0, ...series.shifts]} />
      </td>
    </tr>
  );
}
