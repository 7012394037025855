/** What pulls at delta: the tokens whose logits the loss wants higher and lower, by the chosen step's gradient. */
import { type TokenPull, visibleToken } from '../../engine/protocol';
import type { Adaptation } from '../run/curves';
import { signed } from '../ui/text/format';

const SHOWN = 8;

interface PullsProps {
  readonly lane: Adaptation;
  /** Updates of delta; the gradient shown is the one that the last of them followed. */
  readonly step: number;
}

export function Pulls({ lane, step }: PullsProps) {
  const pulls = lane.steps[Math.min(step, lane.steps.length) - 1]?.pulls;
  if (!pulls) return null;
  return (
    <section className="pulls" aria-label="What pulls" data-testid="pulls">
      <h3>
        What pulls{' '}
        <span className="muted">
          {lane.name}, step {Math.min(step, lane.steps.length)}: mean of softmax − target
        </span>
      </h3>
      <PullList title="wanted higher" pulls={pulls.up} />
      <PullList title="wanted lower" pulls={pulls.down} />
    </section>
  );
}

function PullList({ title, pulls }: { title: string; pulls: readonly TokenPull[] }) {
  return (
    <p className="pulls__list">
      <span className="muted">{title}</span>
      {pulls.slice(0, SHOWN).map(({ id, token, residual }) => (
        <span key={id} className="pulls__token" title={`token ${id}`}>
          <span className="mono">{visibleToken(token, 14)}</span> {signed(residual)}
        </span>
      ))}
    </p>
  );
}
