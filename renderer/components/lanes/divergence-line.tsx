/** Says where the answers part, and goes there. */
import { hasTokens, type LaneView } from '../../run/run-view';
import { visibleToken } from '../../text/visible';

interface DivergenceLineProps {
  readonly lanes: readonly LaneView[];
  readonly divergence: number | null;
}

export function DivergenceLine({ lanes, divergence }: DivergenceLineProps) {
  if (!lanes.every(hasTokens)) return null;
  if (divergence === null)
    return <p className="divergence-line muted">The answers agree so far as they go.</p>;

  const show = () => {
    for (const token of document.querySelectorAll('.token--diverges')) {
      token.scrollIntoView({ block: 'center' });
    }
  };
  return (
    <p className="divergence-line">
      <button type="button" className="button button--quiet" title="Scroll every answer there" onClick={show}>
        ≠ first difference: token {divergence + 1}
      </button>
      {lanes.map((lane, index) => {
        const token = lane.tokens[divergence];
        return (
          <span key={lane.name} data-lane={index % 5} className="divergence-line__choice">
            {lane.name} <span className="mono">{token ? visibleToken(token.text, 16) : 'ended'}</span>
          </span>
        );
      })}
    </p>
  );
}
