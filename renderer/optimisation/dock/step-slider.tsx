/** Chooses the step that charts and lists show. */

import { useKeyWords } from '../../keys/use-keys';
import { stepEvent } from '../../run/ranking';
import { useAdaptations } from '../../state/use-adaptations';
import { useSelectedStep } from '../../state/use-selected-step';
import { number } from '../../ui/text/format';
import { usePlayback } from './use-playback';

export function StepSlider() {
  const keys = useKeyWords();
  const selected = useSelectedStep();
  const { step, last, select } = selected;
  const { isPlaying, isReduced, toggle } = usePlayback(selected);
  const text = step === 0 ? 'before the first update' : `after update ${step} of ${last}`;
  return (
    <div className="step-slider">
      <label htmlFor="step-slider">Step</label>
      <button
        type="button"
        className="button button--quiet"
        aria-label="One step back"
        title={keys.titled('One step back', 'stepBack')}
        disabled={step === 0}
        onClick={() => select(step - 1)}
      >
        ‹
      </button>
      <input
        id="step-slider"
        type="range"
        data-testid="step-slider"
        min={0}
        max={Math.max(last, 1)}
        step={1}
        value={step}
        disabled={last === 0}
        aria-valuetext={`Step ${step}, ${text}`}
        onChange={(change) => select(Number(change.target.value))}
      />
      <button
        type="button"
        className="button button--quiet"
        aria-label="One step forth"
        title={keys.titled('One step forth', 'stepForth')}
        disabled={step >= last}
        onClick={() => select(step + 1)}
      >
        ›
      </button>
      <button
        type="button"
        className="button button--quiet step-slider__play"
        data-testid="play"
        aria-pressed={isPlaying}
        aria-label="Play the steps"
        title={isReduced ? 'Off: the system asks for reduced motion' : 'Play the steps, two a second'}
        disabled={last === 0 || isReduced}
        onClick={toggle}
      >
        {isPlaying ? '❚❚' : '▶'}
      </button>
      <StepFigures step={step} last={last} />
    </div>
  );
}

function StepFigures({ step, last }: { step: number; last: number }) {
  const lane = useAdaptations()[0] ?? null;
  const event = lane && stepEvent(lane, step);
  // The loss after the last update is no step's own; slot.done brings it.
  const after =
    lane?.steps[step]?.loss ?? (lane && step === lane.steps.length ? lane.slot?.finalLoss : undefined);
  return (
    <p className="step-slider__figures" data-testid="step-figures">
      <strong>
        {step} of {last}
      </strong>
      {after !== undefined && <span>loss {number(after, 4)}</span>}
      {event && <span>‖delta‖ {number(event.deltaNorm, 3)}</span>}
      {event && <span>{number(event.ms, 1)} ms</span>}
    </p>
  );
}
