/** A column's head: the lane's name, the settings that its newest answer was made with, and what can be done with it. */

import { useEffect, useRef } from 'react';
import { oneLine } from '../../../engine/protocol';
import type { Answer } from '../../run/conversation';
import { isRunning, type LaneView } from '../../run/run-view';
import type { LaneDraft } from '../../state/lanes';
import { laneOf } from '../../state/shown-chat';
import { number } from '../../text/format';
import { useAppState, useStudio } from '../studio-context';
import { LaneMenu } from './lane-menu';
import { BranchNote } from './lane-row';

interface LaneHeadProps {
  readonly lane: LaneDraft;
  readonly index: number;
  readonly answer: Answer | undefined;
  readonly isStored: boolean;
}

export function LaneHead({ lane, index, answer, isStored }: LaneHeadProps) {
  const { session } = useStudio();
  const settings = useAppState((state) => {
    const view = laneOf(state, answer);
    return view ? describeView(view) : describeDraft(lane);
  });
  const isLive = useAppState(
    (state) =>
      isRunning(state.run) && answer?.runId === state.run.runId && !hasStopped(laneOf(state, answer)),
  );
  const planned = describeDraft(lane);
  const isChanged = answer !== undefined && !settings.startsWith(planned);
  const head = useRef<HTMLElement>(null);
  const isNewBranch = lane.branch !== null && isLive;
  // A branch may begin beyond the edge of the pane.
  useEffect(() => {
    if (isNewBranch) head.current?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [isNewBranch]);
  return (
    <header className="lane__head" ref={head}>
      <h2>{oneLine(lane.name)}</h2>
      <div className="lane__buttons">
        {isLive && answer && (
          <button
            type="button"
            className="button button--quiet"
            aria-label={`Stop ${lane.name}`}
            title="End this lane's answer here; the others go on"
            onClick={() => void session.stopLane(answer.lane)}
          >
            Stop
          </button>
        )}
        {!isStored && <LaneMenu lane={lane} index={index} />}
      </div>
      <p className="lane__settings">
        {settings}
        {isChanged && <span title="What is set up for the next answer"> · next {planned}</span>}
      </p>
      {lane.branch && <BranchNote branch={lane.branch} />}
    </header>
  );
}

function hasStopped(view: LaneView | null): boolean {
  return view === null || view.state === 'done' || view.state === 'failed' || view.state === 'stopped';
}

function describe(steps: string, lr: string, preset: string): string {
  return Number(steps) === 0 ? 'no delta' : `${steps} × ${lr} ${preset}`;
}

function describeDraft({ steps, lr, preset }: LaneDraft): string {
  return describe(steps, lr, preset);
}

function describeView({ settings, slot, steps }: LaneView): string {
  const words = describe(String(settings.steps), String(settings.lr), settings.preset);
  const first = steps[0];
  if (slot && settings.steps > 0)
    return `${words} · loss ${number(slot.initialLoss)} → ${number(slot.finalLoss)}`;
  return first ? `${words} · loss ${number(first.loss)} →` : words;
}
