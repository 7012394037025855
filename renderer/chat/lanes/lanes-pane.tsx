/** The middle pane: the lanes side by side, turn by turn, with what went wrong above and the next turn below. */

import { Fragment, type ReactNode } from 'react';
import { laneTones } from '../../state/lanes';
import { useAppState } from '../../state/studio-context';
import { useShownChat } from '../../state/use-shown-chat';
import { useShownRun } from '../../state/use-shown-run';
import { Problem } from '../../ui/parts/problem';
import { AnswersBar } from '../answers-bar';
import { DivergenceLine } from '../divergence-line';
import { divergenceRow, gridRows, saidRow } from '../grid-rows';
import { useChatShortcuts } from '../use-chat-shortcuts';
import { useFollowing } from '../use-following';
import { useRememberedTurns } from '../use-remembered-turns';
import { UserBand } from '../user-band';
import { EmptyState } from './empty-state';
import { LaneColumn } from './lane-column';
import { LanesBeyond } from './lanes-beyond';
import { Notices } from './notices';
import './lanes.css';
import '../chat.css';

/** @param composer where the next turn is written */
export function LanesPane({ composer }: { composer: ReactNode }) {
  useChatShortcuts();
  useRememberedTurns();
  const isEmpty = useShownChat().conversation.turns.length === 0;
  return (
    <section className={isEmpty ? 'lanes-pane pane' : 'lanes-pane'} aria-label="Answers" data-mark="answers">
      <Messages />
      {isEmpty ? <EmptyState /> : <Columns composer={composer} />}
    </section>
  );
}

function Messages() {
  const failure = useShownRun((run) => run.failure);
  const requestFailure = useAppState((state) => state.requestFailure);
  return (
    <div className="lanes-pane__messages">
      {failure && <Problem message={failure.message} hint={failure.hint} code={failure.code} />}
      {requestFailure && (
        <Problem message={requestFailure.message} hint={requestFailure.hint} code={requestFailure.code} />
      )}
      <Notices />
    </div>
  );
}

function Columns({ composer }: { composer: ReactNode }) {
  const { conversation, lanes, isStored } = useShownChat();
  const { turns } = conversation;
  const follow = useFollowing(turns.length);
  const tones = laneTones(lanes);
  return (
    <>
      <AnswersBar />
      <div className="lanes-pane__turns">
        <section
          ref={follow.box}
          className="chat"
          aria-label="Turns"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls is in reach of the keyboard
          tabIndex={0}
          onScroll={follow.onScroll}
        >
          <div
            ref={follow.content}
            className="chat__grid"
            style={{
              gridTemplateRows: gridRows(turns.length),
              gridTemplateColumns: `repeat(${lanes.length}, minmax(180px, 1fr))`,
            }}
          >
            {lanes.map((lane, index) => (
              <LaneColumn
                key={lane.id}
                lane={lane}
                index={index}
                tone={tones[index] ?? 0}
                turns={turns}
                isStored={isStored}
              />
            ))}
            {turns.map((turn, index) => (
              <Fragment key={turn.id}>
                <div className="chat__across" style={{ gridRow: saidRow(index) }}>
                  <UserBand turn={turn} index={index} isLast={index === turns.length - 1} />
                </div>
                <div className="chat__across" style={{ gridRow: divergenceRow(index) }}>
                  <DivergenceLine turn={turn.id} />
                </div>
              </Fragment>
            ))}
          </div>
        </section>
      </div>
      <footer className="lanes-pane__foot">
        {composer}
        <p className="lanes-pane__honest">Lower prompt loss is no proof of a better answer.</p>
        <LanesBeyond box={follow.box} lanes={lanes.length} />
      </footer>
    </>
  );
}
