/** One lane's answer to one turn, as tokens, text or Markdown, and how it was written. */

import { memo } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { cellId } from '../../run/cell-id';
import type { Turn } from '../../run/conversation';
import { knownSplits, splitsOfLane } from '../../run/divergence';
import { isRunning, type LaneFailure } from '../../run/run-view';
import type { LaneDraft } from '../../state/lanes';
import { laneOf, lanesOfTurn } from '../../state/shown-chat';
import { useAppState, useStudio } from '../../state/studio-context';
import type { TokenRef } from '../../state/token-ref';
import { useShownRun } from '../../state/use-shown-run';
import { Problem } from '../../ui/parts/problem';
import { AnswerText } from './answer-text';
import { LaneFoot } from './lane-foot';
import { LaneText } from './lane-text';

interface LaneCellProps {
  readonly turn: Turn;
  readonly index: number;
  readonly lane: LaneDraft;
  readonly row: number;
  readonly isStored: boolean;
}

export const LaneCell = memo(function LaneCell({ turn, index, lane, row, isStored }: LaneCellProps) {
  const answer = turn.answers[lane.id];
  const view = useAppState((state) => laneOf(state, answer));
  const marks = useAppState(
    useShallow((state) => {
      const own = laneOf(state, answer);
      if (!own) return NONE;
      const lanes = lanesOfTurn(state, turn.id);
      return splitsOfLane(knownSplits(lanes), lanes.indexOf(own));
    }),
  );
  const inspected = useAppState((state) => indexHere(state.inspected, turn.id, lane.id));
  const pinned = useAppState((state) => indexHere(state.pinned, turn.id, lane.id));
  const answerView = useAppState((state) => state.answerView);

  const isEmpty = !answer || (answer.runId === null && answer.text === null);
  return (
    <div className="lane-cell" id={cellId(turn.id, lane.id)} style={{ gridRow: row }}>
      {isEmpty && <NotAsked turn={index} lane={lane} isStored={isStored} />}
      {view?.failure && (
        <Problem
          message={failureText(view.failure)}
          hint={view.failure.hint}
          code={view.failure.code}
          testId="lane-error"
        />
      )}
      {answer && !isEmpty && (
        <>
          {view && view.draft === null && answerView === 'tokens' ? (
            <LaneText
              turn={turn.id}
              lane={lane}
              runId={answer.runId ?? ''}
              view={view}
              marks={marks}
              inspected={inspected}
              pinned={pinned}
            />
          ) : (
            <AnswerText
              view={view}
              text={answer.text}
              lane={lane.name}
              asMarkdown={answerView === 'markdown'}
            />
          )}
          <LaneFoot view={view} answer={answer} lane={lane} />
        </>
      )}
    </div>
  );
});

const NONE: number[] = [];

function indexHere(ref: TokenRef | null, turn: string, lane: string): number | null {
  return ref && ref.turn === turn && ref.lane === lane ? ref.index : null;
}

/** Names the step where the message itself does not; events count from 0, texts from 1. */
function failureText({ message, step }: LaneFailure): string {
  return step === null || /\bstep \d/.test(message) ? message : `Stopped at step ${step + 1}: ${message}`;
}

function NotAsked({ turn, lane, isStored }: { turn: number; lane: LaneDraft; isStored: boolean }) {
  const { chat } = useStudio();
  const running = useShownRun(isRunning);
  const isLast = useAppState((state) => state.conversation.turns.length === turn + 1);
  return (
    <p className="lane-cell__empty muted">
      {isLast ? 'Not asked yet.' : "Not asked: no part of this lane's history."}
      {isLast && !isStored && (
        <button
          type="button"
          className="button"
          disabled={running}
          title="Only this lane, with its own history"
          onClick={() => void chat.answer(turn, [lane.id], 'same')}
        >
          Answer
        </button>
      )}
    </p>
  );
}
