/** One lane as a column: its head, and its answer to every turn. */
import { memo } from 'react';
import type { Turn } from '../../run/conversation';
import type { LaneDraft } from '../../state/lanes';
import { answerRow } from '../grid-rows';
import { LaneCell } from './lane-cell';
import { LaneHead } from './lane-head';

interface LaneColumnProps {
  readonly lane: LaneDraft;
  readonly index: number;
  readonly tone: number;
  readonly turns: readonly Turn[];
  readonly isStored: boolean;
}

export const LaneColumn = memo(function LaneColumn({ lane, index, tone, turns, isStored }: LaneColumnProps) {
  return (
    <article
      className="lane"
      data-testid={`lane-${lane.name}`}
      data-lane={tone}
      aria-label={`Lane ${lane.name}`}
      style={{ gridColumn: index + 1 }}
    >
      <LaneHead lane={lane} index={index} turns={turns} isStored={isStored} />
      {turns.map((turn, at) => (
        <LaneCell key={turn.id} turn={turn} index={at} lane={lane} row={answerRow(at)} isStored={isStored} />
      ))}
    </article>
  );
});
