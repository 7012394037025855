/** Which delta of a file a lane is given, where the file has several: its tensor, and after how many steps. */
import { useState } from 'react';
import { oneLine, type Result } from '../../engine/protocol';
import { readFileStep } from '../state/given-draft';

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
  // As typed, since a number that is half deleted is none yet.
  const [typed, setTyped] = useState(String(steps));
  const step = readFileStep(typed, steps);
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
          setTyped(String(choices[next]?.steps ?? 1));
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
          className="lane-row__factor"
          data-testid={`given-tensor-step-${lane}`}
          aria-label={`Step of ${oneLine(name, 40)}, 1 to ${steps}`}
          inputMode="numeric"
          autoComplete="off"
          value={typed}
          aria-invalid={step === null}
          onChange={({ target }) => setTyped(target.value)}
        />
        of {steps}
      </label>
      <button
        type="button"
        className="button"
        data-testid={`given-add-${lane}`}
        disabled={step === null}
        title={step === null ? `Give a step from 1 to ${steps}` : undefined}
        onClick={() => step !== null && onAdd({ tensor: name, step })}
      >
        Add
      </button>
      <button type="button" className="button button--quiet" onClick={onCancel}>
        Cancel
      </button>
    </fieldset>
  );
}
