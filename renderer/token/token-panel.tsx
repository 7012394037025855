/** The pinned token: its figures, every listed alternative, and a branch from each; at a split also why lanes part. */

import { MAX_LANES, oneLine, type TokenEvent, visibleToken } from '../../engine/protocol';
import { useKeyWords } from '../keys/use-keys';
import { candidateOf } from '../run/contest';
import { knownSplits, splitsOfLane } from '../run/divergence';
import { isRunning } from '../run/run-view';
import { laneTones } from '../state/lanes';
import { lanesOfTurn, tokenAt } from '../state/shown-chat';
import { useAppState, useStudio } from '../state/studio-context';
import type { TokenRef } from '../state/token-ref';
import { useShownChat } from '../state/use-shown-chat';
import { useShownRun } from '../state/use-shown-run';
import { WatchButton } from '../vocabulary/watch-button';
import { DivergenceCard } from './divergence-card';
import { ExplainButton } from './explain-button';
import { PairedChart } from './paired-chart';
import { alternativeRows, TokenFigures } from './token-figures';
import './token-panel.css';

const MAX_ROWS = 1000;

export function TokenPanel() {
  const pinned = useAppState((state) => state.pinned);
  const { store } = useStudio();
  // The events of a token that is there do not change; the chat that holds it does.
  const { lanes } = useShownChat();
  // Nor is it there yet where it was pinned before its run.
  useAppState((state) => tokenAt(state, state.pinned)?.token);
  const at = tokenAt(store.getState(), pinned);
  if (!pinned || !at) return <NothingPinned />;
  const token = at.view.tokens[pinned.index];
  if (!token) return null;
  const tone = laneTones(lanes)[lanes.indexOf(at.lane)] ?? 0;

  return (
    <div className="token-panel" data-testid="token-panel" data-lane={tone}>
      <header className="token-panel__head">
        <h3 className="token-card__token mono">{visibleToken(candidateOf(token).token)}</h3>
        <p className="muted">
          token {token.index + 1} of <span className="token-panel__lane">{oneLine(at.lane.name)}</span> · id{' '}
          {token.id}
          {token.forced ? ' · given by the branch' : ''}
        </p>
        <PinnedButtons pinned={pinned} token={token} />
      </header>
      <TokenFigures token={token} />
      <Alternatives pinned={pinned} tone={tone} laneName={at.lane.name} />
      <SplitHere pinned={pinned} />
    </div>
  );
}

function NothingPinned() {
  const splitKey = useKeyWords().of('nextSplit');
  return (
    <div className="token-panel token-panel--empty" data-testid="token-panel">
      <p>Click a token of an answer to keep it here, with both of its distributions.</p>
      <p className="muted">
        By keyboard: <kbd>Tab</kbd> to an answer, <kbd>←</kbd> <kbd>→</kbd> between tokens, <kbd>Enter</kbd>{' '}
        keeps one
        {splitKey !== null && (
          <>
            , <kbd>{splitKey}</kbd> goes to the next place where lanes part
          </>
        )}
        .
      </p>
    </div>
  );
}

function PinnedButtons({ pinned, token }: { pinned: TokenRef; token: TokenEvent }) {
  const { store } = useStudio();
  const move = (by: -1 | 1) => {
    const next = { ...pinned, index: pinned.index + by };
    if (tokenAt(store.getState(), next)) store.setState({ pinned: next });
  };
  return (
    <div className="token-panel__buttons">
      <WatchButton id={token.id} token={candidateOf(token).token} />
      <ExplainButton pinned={pinned} token={token} />
      <button
        type="button"
        className="button button--quiet"
        aria-label="Token before"
        onClick={() => move(-1)}
      >
        ‹
      </button>
      <button type="button" className="button button--quiet" aria-label="Next token" onClick={() => move(1)}>
        ›
      </button>
      <button type="button" className="button button--quiet" onClick={() => store.setState({ pinned: null })}>
        Unpin
      </button>
    </div>
  );
}

function Alternatives({ pinned, tone, laneName }: { pinned: TokenRef; tone: number; laneName: string }) {
  const { chat, store } = useStudio();
  const { lanes, isStored } = useShownChat();
  const running = useShownRun(isRunning);
  const token = tokenAt(store.getState(), pinned)?.view.tokens[pinned.index];
  if (!token) return null;
  const obstacle = isStored
    ? 'Continue the stored conversation first'
    : running
      ? 'Wait for the end of the run'
      : lanes.length >= MAX_LANES
        ? `At most ${MAX_LANES} lanes: remove one first`
        : null;
  const rows = alternativeRows(token, MAX_ROWS).map((row) => ({
    ...row,
    action: (
      <span className="paired__actions">
        <WatchButton id={row.id} token={row.token} />
        {!row.isChosen && (
          <button
            type="button"
            className="button button--quiet paired__branch"
            disabled={obstacle !== null}
            title={
              obstacle ??
              `A new lane: ${laneName} up to here, then ${visibleToken(row.token, 16)}, then on by itself`
            }
            aria-label={`Continue from here with ${visibleToken(row.token, 16)}`}
            onClick={() => void chat.branch(pinned, row)}
          >
            <span aria-hidden="true">↳</span> <span className="paired__word">continue</span>
          </button>
        )}
      </span>
    ),
  }));
  return (
    <section className="token-panel__part" aria-label="Alternatives">
      <h4>
        Most probable here <span className="muted">under either distribution, at the same hidden state</span>
      </h4>
      <PairedChart
        caption="Most probable tokens here, with what the lane would write from each"
        testId="alternatives"
        series={[
          { name: 'lane', tone },
          { name: 'no delta', tone: null },
        ]}
        rows={rows}
      />
      {obstacle !== null && <p className="muted token-card__note">To branch: {obstacle.toLowerCase()}.</p>}
    </section>
  );
}

/** Looked up once per pinned token: the split is behind, whatever is still being written. */
function SplitHere({ pinned }: { pinned: TokenRef }) {
  const { store } = useStudio();
  const state = store.getState();
  const lanes = lanesOfTurn(state, pinned.turn);
  const view = tokenAt(state, pinned)?.view;
  const found = knownSplits(lanes);
  const isSplit = view && splitsOfLane(found, lanes.indexOf(view)).includes(pinned.index);
  if (!isSplit) return null;
  return (
    <section className="token-panel__part" aria-label="Divergence">
      <DivergenceCard turn={pinned.turn} index={pinned.index} />
    </section>
  );
}
