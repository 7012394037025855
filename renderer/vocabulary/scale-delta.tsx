/** A finished run's delta, multiplied: the charts follow at once, and a lane with it answers when it is asked to. */
import { useId } from 'react';
import { MAX_LANES } from '../../engine/protocol';
import { hasEnded } from '../run/run-view';
import { givenSetup } from '../state/given-lane';
import { useAppState, useIsPage, useStudio } from '../state/studio-context';
import { useShownRun } from '../state/use-shown-run';
import { number } from '../ui/text/format';
import type { Vocabulary } from './use-vocabulary';
import './scale-delta.css';

const RANGE = { min: -2, max: 2, step: 0.1 } as const;

export function ScaleDelta({ vocabulary }: { vocabulary: Vocabulary }) {
  const { store } = useStudio();
  const { run, lane, step, factor, columns } = vocabulary;
  const ended = useShownRun(hasEnded);
  const isPage = useIsPage();
  const id = useId();
  if (isPage || !ended || !run || !lane || step === 0 || (columns === null && factor === 1)) return null;
  const change = (next: number) =>
    store.setState({ deltaScale: next === 1 ? null : { runId: run.runId, lane: lane.name, factor: next } });
  return (
    <div className="scale-delta">
      <label htmlFor={id} title="What delta is multiplied by, without learning anew: 0 is the model as it is">
        delta ×
      </label>
      <input
        id={id}
        type="range"
        className="scale-delta__slider"
        data-testid="scale-delta"
        {...RANGE}
        value={factor}
        aria-valuetext={`${factor} times ${lane.name}'s delta after step ${step}`}
        onChange={({ target }) => change(Number(target.value))}
      />
      <output htmlFor={id} className="scale-delta__factor">
        {number(factor, 1)}
      </output>
      {factor !== 1 && <Scaled vocabulary={vocabulary} onReset={() => change(1)} />}
    </div>
  );
}

function Scaled({ vocabulary, onReset }: { vocabulary: Vocabulary; onReset: () => void }) {
  const { chat } = useStudio();
  const { run, lane, step, factor, scaled, isCurrent } = vocabulary;
  const isFull = useAppState(({ lanes }) => lanes.length >= MAX_LANES);
  const last = useAppState(({ conversation, shown }) =>
    shown.kind === 'own' ? conversation.turns.length - 1 : -1,
  );
  const runWithThis = () => {
    const source = { kind: 'run', runId: run!.runId, lane: lane!.name, step } as const;
    const added = chat.addLane(givenSetup(`${lane!.name} × ${factor}`, [{ source, factor }]));
    if (added !== null && last >= 0) void chat.answer(last, [added], 'same');
  };
  return (
    <>
      <span className="scale-delta__figures muted" data-testid="scaled-loss" aria-busy={!isCurrent}>
        {scaled && `prompt loss ${number(scaled.baseLoss, 3)} → ${number(scaled.loss, 3)}`}
      </span>
      <button
        type="button"
        className="button button--quiet"
        data-testid="run-scaled"
        disabled={isFull}
        title={
          isFull
            ? `At most ${MAX_LANES} lanes: remove one first.`
            : last >= 0
              ? 'Adds a lane with this very delta, and lets it answer the last turn'
              : 'Adds a lane with this very delta, for the next run'
        }
        onClick={runWithThis}
      >
        {last >= 0 ? 'Run with this' : 'Add as lane'}
      </button>
      <button
        type="button"
        className="button button--quiet"
        title="Back to the delta as it was learned"
        onClick={onReset}
      >
        ×1
      </button>
    </>
  );
}
