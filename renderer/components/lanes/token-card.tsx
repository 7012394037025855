/** What both distributions thought of one token, shown beside it. */
import { useLayoutEffect, useRef, useState } from 'react';
import type { TokenEvent } from '../../../engine/protocol';
import { number, percent, signed } from '../../text/format';
import { visibleToken } from '../../text/visible';

export interface Inspected {
  readonly lane: string;
  readonly index: number;
  readonly anchor: DOMRect;
}

const LISTED = 8;
const GAP = 6;

export function TokenCard({ token, inspected }: { token: TokenEvent; inspected: Inspected }) {
  const card = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState({ left: 0, top: 0 });
  const { anchor } = inspected;

  useLayoutEffect(() => {
    const element = card.current;
    if (!element) return;
    const { offsetWidth: width, offsetHeight: height } = element;
    const below = anchor.bottom + GAP;
    const fits = below + height <= window.innerHeight - GAP;
    setPlace({
      left: Math.max(GAP, Math.min(anchor.left, window.innerWidth - width - GAP)),
      top: fits ? below : Math.max(GAP, anchor.top - height - GAP),
    });
  }, [anchor]);

  return (
    <div ref={card} className="token-card" role="status" data-testid="token-card" style={place}>
      <p className="token-card__title">
        <span className="token-card__token mono">{visibleToken(token.text)}</span>
        <span className="muted">
          token {token.index + 1} of {inspected.lane} · id {token.id}
        </span>
      </p>
      <table className="token-card__figures">
        <thead>
          <tr>
            <td />
            <th scope="col">this lane</th>
            <th scope="col">without delta</th>
            <th scope="col">change</th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">log-probability</th>
            <td>{number(token.logprob)}</td>
            <td>{number(token.baseLogprob)}</td>
            <td>{signed(token.logprob - token.baseLogprob)}</td>
          </tr>
          <tr>
            <th scope="row">probability</th>
            <td>{percent(Math.exp(token.logprob))}</td>
            <td>{percent(Math.exp(token.baseLogprob))}</td>
            <td />
          </tr>
          <tr>
            <th scope="row">rank</th>
            <td>{token.rank + 1}</td>
            <td>{token.baseRank + 1}</td>
            <td>{token.rank === token.baseRank ? '' : signed(token.baseRank - token.rank, 0)}</td>
          </tr>
          <tr>
            <th scope="row">entropy, nats</th>
            <td>{number(token.entropy)}</td>
            <td>{number(token.baseEntropy)}</td>
            <td>{signed(token.entropy - token.baseEntropy)}</td>
          </tr>
        </tbody>
      </table>
      <ol className="token-card__top" aria-label="Most probable tokens here">
        {token.top.slice(0, LISTED).map((each) => (
          <li key={each.id} className={each.id === token.id ? 'token-card__chosen' : undefined}>
            <span className="mono token-card__name">{visibleToken(each.token, 16)}</span>
            <span className="token-card__bars" aria-hidden="true">
              <span style={{ width: `${Math.exp(each.logprob) * 100}%` }} />
              <span className="token-card__base" style={{ width: `${Math.exp(each.baseLogprob) * 100}%` }} />
            </span>
            <span>{percent(Math.exp(each.logprob))}</span>
            <span className="muted">{percent(Math.exp(each.baseLogprob))}</span>
          </li>
        ))}
      </ol>
      <p className="muted token-card__note">
        KL(lane ‖ without delta) {number(token.kl, 4)} nats. Both at the same hidden state.
      </p>
    </div>
  );
}
