/** Between a turn and its answers: where the lanes part, who chose what, and the card that explains it. */

import { Popover } from 'radix-ui';
import { oneLine, visibleToken } from '../../engine/protocol';
import { candidateOf } from '../run/contest';
import { isWhole, knownSplits, type Split } from '../run/divergence';
import { hasTokens, type LaneView } from '../run/run-view';
import { columnsOfTurn } from '../state/shown-chat';
import { useStudio } from '../state/studio-context';
import { useLanesOfTurn } from '../state/use-shown-chat';
import { DivergenceCard } from '../token/divergence-card';
import { showSplit } from './show-token';
import '../ui/parts/popover.css';

export function DivergenceLine({ turn }: { turn: string }) {
  const lanes = useLanesOfTurn(turn);
  if (lanes.length < 2 || !lanes.every(hasTokens)) return null;
  const found = knownSplits(lanes);
  const [first, ...others] = found;
  if (!first) {
    return (
      <p className="divergence-line muted">
        {lanes.every(isWhole)
          ? 'The answers are the same, token for token.'
          : 'The answers agree so far as they go.'}
      </p>
    );
  }
  return (
    <div className="divergence-line" data-testid="divergence-line">
      <SplitLine turn={turn} split={first} lanes={lanes} isFirst />
      {others.map((split) => (
        <SplitLine
          key={`${split.index} ${split.choices[0]?.lanes.join()}`}
          turn={turn}
          split={split}
          lanes={lanes}
          isFirst={false}
        />
      ))}
    </div>
  );
}

interface SplitLineProps {
  readonly turn: string;
  readonly split: Split;
  readonly lanes: readonly LaneView[];
  readonly isFirst: boolean;
}

function SplitLine({ turn, split, lanes, isFirst }: SplitLineProps) {
  const { store } = useStudio();
  const columns = columnsOfTurn(store.getState(), turn);
  return (
    <p className="divergence-line__split">
      <button
        type="button"
        className="button button--quiet"
        title="Go there (D: the next one)"
        onClick={() => showSplit(store, turn, split)}
      >
        ≠ {isFirst && 'first difference: '}token {split.index + 1}
      </button>
      <Popover.Root>
        <Popover.Trigger className="button button--quiet" data-testid="explain-divergence">
          Why?
        </Popover.Trigger>
        <Popover.Portal>
          <Popover.Content
            className="popover divergence-popover"
            aria-label="Why the lanes part"
            align="start"
            sideOffset={4}
            collisionPadding={8}
          >
            <DivergenceCard turn={turn} index={split.index} />
          </Popover.Content>
        </Popover.Portal>
      </Popover.Root>
      {split.choices.map((choice) => (
        <span key={choice.token?.id ?? 'ended'} className="divergence-line__choice">
          {choice.lanes.map((lane) => (
            <span key={lane} data-lane={columns[lane]?.tone ?? 0} className="divergence-line__lane">
              {oneLine(columns[lane]?.lane.name ?? lanes[lane]?.name ?? '')}
            </span>
          ))}
          <span className="mono">
            {choice.token ? visibleToken(candidateOf(choice.token).token, 16) : 'ended'}
          </span>
        </span>
      ))}
    </p>
  );
}
