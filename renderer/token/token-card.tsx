/** What both distributions thought of one token, shown beside it while it is pointed at. */

import { useLayoutEffect, useRef, useState } from 'react';
import { oneLine, visibleToken } from '../../engine/protocol';
import { cellId } from '../run/cell-id';
import { candidateOf } from '../run/contest';
import { laneTones } from '../state/lanes';
import { shownChat, tokenAt } from '../state/shown-chat';
import { useAppState, useStudio } from '../state/studio-context';
import { PairedChart } from './paired-chart';
import { alternativeRows, TokenFigures } from './token-figures';
import './token-card.css';

const LISTED = 8;
const GAP = 6;

export function TokenCard() {
  const { store } = useStudio();
  const card = useRef<HTMLDivElement>(null);
  const inspected = useAppState((state) => state.inspected);
  // The token's own event never changes once it is there.
  const at = inspected && tokenAt(store.getState(), inspected);
  const [place, setPlace] = useState({ left: 0, top: 0 });

  useLayoutEffect(() => {
    const element = card.current;
    const anchor = inspected && tokenElement(inspected.turn, inspected.lane, inspected.index);
    if (!element || !anchor) return;
    const { left, top, bottom } = anchor.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = element;
    const below = bottom + GAP;
    const fits = below + height <= window.innerHeight - GAP;
    setPlace({
      left: Math.max(GAP, Math.min(left, window.innerWidth - width - GAP)),
      top: fits ? below : Math.max(GAP, top - height - GAP),
    });
  }, [inspected]);

  if (!at || !inspected) return null;
  const { view, lane } = at;
  const token = view.tokens[inspected.index];
  if (!token) return null;
  const { lanes } = shownChat(store.getState());
  const tone = laneTones(lanes)[lanes.indexOf(lane)] ?? 0;
  return (
    <div ref={card} className="token-card" role="status" data-testid="token-card" style={place}>
      <p className="token-card__title">
        <span className="token-card__token mono">{visibleToken(candidateOf(token).token)}</span>
        <span className="muted">
          token {token.index + 1} of {oneLine(lane.name)} · id {token.id}
        </span>
      </p>
      <TokenFigures token={token} />
      <PairedChart
        caption="Most probable tokens here"
        series={[
          { name: 'lane', tone },
          { name: 'no delta', tone: null },
        ]}
        rows={alternativeRows(token, LISTED)}
        isExported={false}
      />
      <p className="muted token-card__note">
        {token.forced ? 'Given by the branch, not chosen. ' : ''}Click, or Enter, keeps it on the right.
      </p>
    </div>
  );
}

function tokenElement(turn: string, lane: string, index: number): HTMLElement | null {
  return (
    document.getElementById(cellId(turn, lane))?.querySelector<HTMLElement>(`[data-index="${index}"]`) ?? null
  );
}
