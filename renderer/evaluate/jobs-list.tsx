/** Every evaluation on this machine, newest first. */
import type { KeyboardEvent } from 'react';
import { type JobInfo, oneLine } from '../../engine/protocol';
import { dateWords } from '../run/run-words';
import { useAppState, useStudio } from '../state/studio-context';
import { FileButton } from '../ui/parts/file-button';
import { jobName, progressWords, STATES } from './words';

export function JobsList() {
  const { evaluations } = useStudio();
  const jobs = useAppState((state) => state.jobs);
  const shown = useAppState((state) => state.evaluationPlace.job);
  return (
    <nav className="jobs" aria-label="Evaluations">
      <div className="jobs__head">
        <button
          type="button"
          className="button button--primary"
          data-testid="new-evaluation"
          aria-pressed={shown === null}
          onClick={() => evaluations.show({ job: null, problem: null })}
        >
          New evaluation
        </button>
        <ImportButton />
      </div>
      {jobs?.length === 0 && (
        <p className="jobs__empty muted">
          No evaluations yet. One asks a data set's problems in every lane, and is kept here as it goes.
        </p>
      )}
      {jobs && jobs.length > 0 && (
        <ul className="jobs__list" onKeyDown={moveBetweenJobs}>
          {jobs.map((job) => (
            <JobRow key={job.jobId} job={job} isShown={job.jobId === shown} />
          ))}
        </ul>
      )}
      <DamagedJobs />
    </nav>
  );
}

function DamagedJobs() {
  const { evaluations } = useStudio();
  const damaged = useAppState((state) => state.damagedJobs);
  if (damaged.length === 0) return null;
  return (
    <ul className="jobs__damaged" aria-label="Evaluations that cannot be read">
      {damaged.map(({ jobId, why }) => (
        <li key={jobId} data-testid="damaged-job">
          <p>
            <span className="job-state job-state--failed">
              <span aria-hidden="true">×</span> damaged
            </span>{' '}
            <span dir="auto">{oneLine(why, 400)}</span>
          </p>
          <button
            type="button"
            className="button button--quiet"
            onClick={() => void evaluations.delete({ jobId, title: '' })}
          >
            Delete
          </button>
        </li>
      ))}
    </ul>
  );
}

function JobRow({ job, isShown }: { job: JobInfo; isShown: boolean }) {
  const { evaluations } = useStudio();
  const state = STATES[job.state];
  return (
    <li>
      <button
        type="button"
        className="job-row"
        data-testid="job-row"
        aria-current={isShown ? 'page' : undefined}
        onClick={() => evaluations.show({ job: job.jobId, problem: null })}
      >
        <strong dir="auto">{jobName(job)}</strong>
        <span className="job-row__facts">
          <span className={`job-state job-state--${job.state}`} title={state.why}>
            <span aria-hidden="true">{state.sign}</span> {state.word}
          </span>
          <span className="muted">
            {job.state === 'done' ? dateWords(job.createdAt) : progressWords(job)}
          </span>
        </span>
        {job.state !== 'done' && (
          <progress
            className="job-row__progress"
            value={job.done}
            max={Math.max(1, job.total)}
            aria-hidden="true"
          />
        )}
      </button>
    </li>
  );
}

function ImportButton() {
  const { evaluations } = useStudio();
  return (
    <FileButton
      text="Import…"
      title="An evaluation that was exported as JSON Lines"
      label="Evaluation file"
      testId="import-evaluation"
      accept=".jsonl,.ndjson,application/x-ndjson"
      onFiles={([file]) => {
        if (file) void evaluations.import(file);
      }}
    />
  );
}

function moveBetweenJobs(event: KeyboardEvent<HTMLElement>): void {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
  if (step === 0) return;
  event.preventDefault();
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('.job-row')];
  if (event.target instanceof HTMLElement) rows[rows.indexOf(event.target) + step]?.focus();
}
