/** One lane: its settings, its answer as it streams, and how it ended. */
import { memo } from 'react';
import { assertNever } from '../../assert-never';
import { isRunning, type LaneFailure, type LaneView } from '../../run/run-view';
import { count, number } from '../../text/format';
import { useAppState } from '../studio-context';
import { useNow } from '../top-bar/use-now';
import { Problem } from '../ui/problem';
import { CopyButton } from './copy-button';
import { LaneText } from './lane-text';
import type { Inspected } from './token-card';

interface LaneColumnProps {
  readonly lane: LaneView;
  /** Its place among the lanes, which gives its colour. */
  readonly number: number;
  readonly divergence: number | null;
  readonly inspected: number | null;
  readonly onInspect: (inspected: Inspected | null) => void;
}

export const LaneColumn = memo(function LaneColumn(props: LaneColumnProps) {
  const { lane, divergence, inspected, onInspect } = props;
  const text = lane.end?.text ?? lane.tokens.map((token) => token.text).join('');
  return (
    <article
      className="lane"
      data-testid={`lane-${lane.name}`}
      data-lane={props.number % 5}
      aria-label={`Lane ${lane.name}`}
    >
      <header className="lane__head">
        <h2>{lane.name}</h2>
        <CopyButton text={text} label={`Copy the answer of ${lane.name}`} />
        <p className="lane__settings">{describeSettings(lane)}</p>
      </header>
      {lane.failure && (
        <div className="lane__failure">
          <Problem message={failureText(lane.failure)} hint={lane.failure.hint} testId="lane-error" />
        </div>
      )}
      <LaneText lane={lane} divergence={divergence} inspected={inspected} onInspect={onInspect} />
      <LaneFoot lane={lane} />
    </article>
  );
});

/** Names the step where the message itself does not. */
function failureText({ message, step }: LaneFailure): string {
  return step === null || /\bstep \d/.test(message) ? message : `Stopped at step ${step}: ${message}`;
}

function describeSettings({ settings, slot, steps }: LaneView): string {
  if (settings.steps === 0) return 'no delta';
  const words = `${settings.steps} × ${settings.lr} ${settings.preset}`;
  const first = steps[0];
  if (slot) return `${words} · loss ${number(slot.initialLoss)} → ${number(slot.finalLoss)}`;
  return first ? `${words} · loss ${number(first.loss)} →` : words;
}

function LaneFoot({ lane }: { lane: LaneView }) {
  const running = useAppState((state) => isRunning(state.run));
  const writingSince = useAppState((state) => state.clock.writingSince);
  const live = running && lane.state === 'writing';
  const now = useNow(live);
  const ms = lane.end?.ms ?? (live && writingSince !== null ? now - writingSince : null);
  const tokens = lane.end?.tokens ?? lane.tokens.length;
  const rate = ms !== null && ms > 50 && tokens > 1 ? `${number((tokens / ms) * 1000, 1)} tokens/s` : null;
  return (
    <footer className="lane__foot" data-testid="lane-foot">
      <span>{count(tokens, 'token')}</span>
      {rate && <span>{rate}</span>}
      <span className="lane__state">{describeState(lane)}</span>
    </footer>
  );
}

function describeState(lane: LaneView): string {
  switch (lane.state) {
    case 'waiting':
      return 'waiting';
    case 'optimising':
      return `SLOT step ${lane.steps.length} of ${lane.settings.steps}`;
    case 'writing':
      return 'writing…';
    case 'done':
      return lane.end?.reason === 'eos' ? 'end token' : 'length limit';
    case 'failed':
      return 'failed';
    case 'stopped':
      return 'cut short';
    default:
      return assertNever(lane.state);
  }
}
