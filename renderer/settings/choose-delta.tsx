/** Which delta of a file a lane is given, where the file has several: its tensor, and after how many steps. */
import { useState } from 'react';
import { oneLine, type Result } from '../../engine/protocol';

export interface OpenedFile {
  readonly file: File;
  readonly choices: Result<'delta.read'>['choices'];
}

interface ChooseDeltaProps {
  readonly lane: string;
  readonly opened: OpenedFile;
  readonly onAdd: (choice: { tensor: string; step: number }) => void;
  readonly onCancel: () => void;
}

export function ChooseDelta({ lane, opened: { file, choices }, onAdd, onCancel }: ChooseDeltaProps) {
  const [at, setAt] = useState(0);
  const { name = '', steps = 1 } = choices[at] ?? {};
  const [step, setStep] = useState(steps);
  return (
    <fieldset className="lane-row__choose" data-testid={`given-choice-${lane}`}>
      <legend className="visually-hidden">Which delta of {oneLine(file.name, 60)}</legend>
      <select
        aria-label={`Delta of ${oneLine(file.name, 60)}`}
        data-testid={`given-tensor-${lane}`}
        value={at}
        onChange={({ target }) => {
          const next = Number(target.value);
          setAt(next);
          setStep(choices[next]?.steps ?? 1);
        }}
      >
        {choices.map((choice, index) => (
          <option key={choice.name} value={index}>
            {oneLine(choice.name.replace(/\.delta$/, ''), 40)}
          </option>
        ))}
      </select>
      <label className="lane-row__pair">
        step
        <input
          type="number"
          className="lane-row__factor"
          data-testid={`given-tensor-step-${lane}`}
          aria-label={`Step of ${oneLine(name, 40)}, 1 to ${steps}`}
          min={1}
          max={steps}
          value={step}
          onChange={({ target }) =>
            setStep(Math.max(1, Math.min(steps, Math.trunc(target.valueAsNumber) || 1)))
          }
        />
        of {steps}
      </label>
      <button
        type="button"
        className="button"
        data-testid={`given-add-${lane}`}
        onClick={() => onAdd({ tensor: name, step })}
      >
        Add
      </button>
      <button type="button" className="button button--quiet" onClick={onCancel}>
        Cancel
      </button>
    </fieldset>
  );
}
