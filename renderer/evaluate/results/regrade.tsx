/** Judges the stored answers anew, by other graders or newer ones; the model is not asked. */
import { useState } from 'react';
import type { GraderChoice, JobInfo } from '../../../engine/protocol';
import { isAtWork } from '../../state/evaluations/state';
import { useAppState, useStudio } from '../../state/studio-context';

export function Regrade({ job }: { job: JobInfo }) {
  const { evaluations } = useStudio();
  const options = useAppState((state) => state.evaluationOptions);
  const [isOn, setOn] = useState(false);
  const [chosen, setChosen] = useState<readonly GraderChoice[]>(job.config.graders);
  const toggle = (name: GraderChoice['name']) =>
    setChosen((before) => {
      const others = before.filter((each) => each.name !== name);
      return others.length < before.length ? others : [...before, { name }];
    });
  const grade = async () => {
    setOn(true);
    await evaluations.regrade(job.jobId, chosen);
    setOn(false);
  };
  return (
    <details className="regrade">
      <summary>Grade the stored answers anew</summary>
      <p className="field__help">The model is not asked. The first one ticked is the headline.</p>
      <div className="regrade__graders">
        {options?.graders.map(({ name, extractor, description }) => (
          <label key={name} className="form-check" title={description}>
            <input
              type="checkbox"
              checked={chosen.some((each) => each.name === name)}
              disabled={name === 'regex' && !chosen.some((each) => each.name === name)}
              onChange={() => toggle(name)}
            />
            <span>
              {name} <span className="muted">{extractor}</span>
            </span>
          </label>
        ))}
      </div>
      <button
        type="button"
        className="button"
        data-testid="regrade"
        disabled={isOn || chosen.length === 0 || isAtWork(job)}
        title={isAtWork(job) ? 'Pause it first.' : undefined}
        onClick={() => void grade()}
      >
        {isOn ? 'Grading…' : 'Grade anew'}
      </button>
    </details>
  );
}
