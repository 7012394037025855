/** The middle pane: what went wrong, what to know, and the answers of all lanes side by side. */
import { useMemo, useState } from 'react';
import { firstDivergence } from '../../run/divergence';
import { useAppState } from '../studio-context';
import { Problem } from '../ui/problem';
import { DivergenceLine } from './divergence-line';
import { EmptyState } from './empty-state';
import { LaneColumn } from './lane-column';
import { Notices } from './notices';
import { type Inspected, TokenCard } from './token-card';
import './lanes.css';

export function LanesPane() {
  const run = useAppState((state) => state.run);
  const requestFailure = useAppState((state) => state.requestFailure);
  const [inspected, setInspected] = useState<Inspected | null>(null);
  const divergence = useMemo(() => firstDivergence(run.lanes), [run.lanes]);

  if (run.phase === 'idle') {
    return (
      <section className="pane" aria-label="Answers">
        {requestFailure && <Problem message={requestFailure.message} hint={requestFailure.hint} />}
        <EmptyState />
      </section>
    );
  }

  const token = inspected && run.lanes.find((lane) => lane.name === inspected.lane)?.tokens[inspected.index];
  return (
    <section className="lanes-pane" aria-label="Answers">
      <div className="lanes-pane__messages">
        {run.failure && <Problem message={run.failure.message} hint={run.failure.hint} />}
        {requestFailure && <Problem message={requestFailure.message} hint={requestFailure.hint} />}
        <Notices />
      </div>
      <div className="lanes">
        {run.lanes.map((lane, index) => (
          <LaneColumn
            key={lane.name}
            lane={lane}
            number={index}
            divergence={divergence}
            inspected={inspected?.lane === lane.name ? inspected.index : null}
            onInspect={setInspected}
          />
        ))}
      </div>
      <footer className="lanes-pane__foot">
        <DivergenceLine lanes={run.lanes} divergence={divergence} />
        <p className="lanes-pane__honest">Lower prompt loss is no proof of a better answer.</p>
      </footer>
      {inspected && token && <TokenCard token={token} inspected={inspected} />}
    </section>
  );
}
