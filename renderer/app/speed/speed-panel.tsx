/** Speed and memory over the window: tokens a second by lane, where the run's time went, what engine and window hold. */

import { oneLine } from '../../../engine/protocol';
import { beforeFirstTokenMs, tokensPerSecond } from '../../run/lane-timing';
import { type RunPart, runTimes } from '../../run/run-times';
import { isRunning } from '../../run/run-view';
import { laneTones } from '../../state/lanes';
import { shownChat } from '../../state/shown-chat';
import { clockOf } from '../../state/shown-run';
import { useAppState, useStudio } from '../../state/studio-context';
import { useShownRun } from '../../state/use-shown-run';
import { duration, number } from '../../ui/text/format';
import { useNow } from '../top-bar/use-now';
import { useMemory } from './use-memory';
import './speed.css';

export function SpeedPanel() {
  const isOn = useAppState((state) => state.showsSpeed);
  return isOn ? <Figures /> : null;
}

function Figures() {
  const { store } = useStudio();
  return (
    <aside className="speed" aria-label="Speed and memory" data-testid="speed">
      <header className="speed__head">
        <h2>Speed and memory</h2>
        <button
          type="button"
          className="button button--quiet"
          aria-label="Close speed and memory"
          onClick={() => store.setState({ showsSpeed: false })}
        >
          ✕
        </button>
      </header>
      <Lanes />
      <Times />
      <Memory />
    </aside>
  );
}

/** As each lane told, or tells, its pace. */
function Lanes() {
  const run = useShownRun((view) => view);
  const clock = useAppState(clockOf);
  const tones = useAppState((state) => shownChat(state).lanes);
  const { writingSince, newestAt } = clock;
  const colours = laneTones(tones);
  const rows = run.lanes.map((lane) => {
    const isWriting = isRunning(run) && lane.state === 'writing' && writingSince !== null;
    return { lane, rate: tokensPerSecond(lane, isWriting ? newestAt - writingSince : null) };
  });
  const first = beforeFirstTokenMs(run);
  if (rows.length === 0) return <p className="muted">Fills as a prompt runs.</p>;
  return (
    <dl className="speed__list">
      {rows.map(({ lane, rate }) => (
        <div
          key={lane.name}
          data-lane={colours[tones.findIndex(({ name }) => name.trim() === lane.name)] ?? 0}
        >
          <dt className="speed__lane">{oneLine(lane.name, 24)}</dt>
          <dd>{rate === null ? '–' : `${number(rate, rate < 10 ? 1 : 0)} tok/s`}</dd>
        </div>
      ))}
      {first !== null && (
        <div>
          <dt className="muted">before the first token</dt>
          <dd>{duration(first)}</dd>
        </div>
      )}
    </dl>
  );
}

const PART_NAMES: Readonly<Record<RunPart, string>> = {
  load: 'opening the model',
  prefill: 'reading the prompt',
  optimise: 'optimising',
  decode: 'decoding',
  window: 'window and the way to it',
};

function Times() {
  const run = useShownRun((view) => view);
  const clock = useAppState(clockOf);
  const isOwn = useAppState((state) => state.shown.kind === 'own' && clockOf(state).startedAt > 0);
  const running = isRunning(run);
  const now = useNow(running, clock.newestAt);
  const times = runTimes(run, isOwn ? clock : null, now);
  if (!times) return null;
  return (
    <dl className="speed__list" data-testid="speed-times">
      {times.parts.map(({ name, ms }) => (
        <div key={name}>
          <dt className="muted">{PART_NAMES[name]}</dt>
          <dd>
            {duration(ms)} <span className="muted">{Math.round((100 * ms) / times.total)} %</span>
          </dd>
          <progress className="speed__share" aria-hidden="true" value={ms} max={times.total} />
        </div>
      ))}
    </dl>
  );
}

function Memory() {
  const { engine, page } = useMemory();
  if (engine === null && page === null) return null;
  return (
    <dl className="speed__list" data-testid="speed-memory">
      {engine !== null && (
        <div>
          <dt className="muted">engine’s memory</dt>
          <dd>{engine}</dd>
        </div>
      )}
      {page !== null && (
        <div>
          <dt className="muted">window’s JavaScript</dt>
          <dd>{page}</dd>
        </div>
      )}
    </dl>
  );
}
