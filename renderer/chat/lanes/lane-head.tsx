/**
 * A column's head: the lane's name, the settings and losses of its answer that the charts show, else of its newest one,
 * and what can be done with it.
 */

import { useEffect, useRef } from 'react';
import { describeOrigin, type LaneSettings, oneLine } from '../../../engine/protocol';
import type { Turn } from '../../run/conversation';
import { isRunning, type LaneView } from '../../run/run-view';
import { LaneMenu } from '../../settings/lane-menu';
import { BranchNote } from '../../settings/lane-row';
import { describeOriginDraft } from '../../state/lane-origin';
import type { LaneDraft } from '../../state/lanes';
import { describeLearningDraft, learningDraft } from '../../state/learning-draft';
import { laneOf } from '../../state/shown-chat';
import { shownRun } from '../../state/shown-run';
import { useAppState, useStudio } from '../../state/studio-context';
import { useShownRun } from '../../state/use-shown-run';
import { number } from '../../ui/text/format';

/** Of a lane's settings: a delta of many terms leaves room for the answers. The whole is in the title. */
const MAX_WORDS = 80;

interface LaneHeadProps {
  readonly lane: LaneDraft;
  readonly index: number;
  readonly turns: readonly Turn[];
  readonly isStored: boolean;
}

export function LaneHead({ lane, index, turns, isStored }: LaneHeadProps) {
  const { control } = useStudio();
  const answer = turns.at(-1)?.answers[lane.id];
  const shown = useShownRun((run) => {
    const inCharts = turns.findIndex(
      ({ answers }) => run.runId !== null && answers[lane.id]?.runId === run.runId,
    );
    return inCharts < 0 ? turns.length - 1 : inCharts;
  });
  const settings = useAppState((state) => {
    const view = laneOf(state, turns[shown]?.answers[lane.id]);
    return view ? describe(view.settings) : describe(lane);
  });
  const losses = useAppState((state) => {
    const view = laneOf(state, turns[shown]?.answers[lane.id]);
    return view && describeLosses(view);
  });
  const isLive = useAppState(
    (state) =>
      isRunning(shownRun(state)) &&
      answer?.runId === shownRun(state).runId &&
      !hasStopped(laneOf(state, answer), shownRun(state).config?.samples ?? 1),
  );
  const planned = describe(lane);
  const isChanged = answer !== undefined && settings !== planned;
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
            onClick={() => void control.stopLane(answer.lane)}
          >
            Stop
          </button>
        )}
        {!isStored && <LaneMenu lane={lane} index={index} />}
      </div>
      <p className="lane__settings" title={settings}>
        {oneLine(settings, MAX_WORDS)}
        {losses && ` · ${turns.length > 1 ? `turn ${shown + 1}: ` : ''}${losses}`}
        {isChanged && (
          <span title={`Set up for the next answer: ${planned}`}> · next {oneLine(planned, MAX_WORDS)}</span>
        )}
      </p>
      {lane.branch && <BranchNote branch={lane.branch} />}
    </header>
  );
}

function hasStopped(view: LaneView | null, samples: number): boolean {
  if (view === null || view.state === 'failed' || view.state === 'stopped') return true;
  return view.state === 'done' && !isDrawing(view, samples);
}

/** Whether further samples of an answered lane are still to come. */
function isDrawing({ samples }: LaneView, wanted: number): boolean {
  const ended = samples.flatMap(({ end }) => end ?? []);
  return wanted > 1 && ended.length < wanted && !ended.some(({ reason }) => reason === 'cancelled');
}

function describe(lane: LaneSettings | LaneDraft): string {
  const { steps, lr, preset, weightDecay, origin } = lane;
  if (Number(steps) === 0) return 'no delta';
  if (origin.kind === 'given') return 'kept' in origin ? describeOriginDraft(origin) : describeOrigin(origin);
  const decay = weightDecay === undefined || weightDecay === '' ? '' : ` decay ${weightDecay}`;
  const learning = describeLearningDraft('learning' in lane ? lane.learning : learningDraft(lane));
  const words = 'kept' in origin ? describeOriginDraft(origin) : describeOrigin(origin);
  return `${origin.kind === 'own' ? '' : `${words} · `}${steps} × ${lr} ${preset}${decay}${learning && ` · ${learning}`}`;
}

function describeLosses({ slot, steps, temperature }: LaneView): string | null {
  const first = steps[0];
  if (temperature) {
    const entropies = `entropy ${number(temperature.baseEntropy)} of ${number(temperature.entropy)} nats`;
    return `temperature ${number(temperature.temperature)}, ${entropies}`;
  }
  if (slot) return `loss ${number(slot.initialLoss)} → ${number(slot.finalLoss)}`;
  return first ? `loss ${number(first.loss)} →` : null;
}
