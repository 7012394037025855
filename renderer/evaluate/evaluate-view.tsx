/** Evaluations beside the workbench: the jobs on the left, one of them, or the form for a new one, on the right. */
import { useKeys } from '../keys/use-keys';
import { useAppState, useStudio } from '../state/studio-context';
import { Problem } from '../ui/parts/problem';
import { EvaluationForm } from './form/evaluation-form';
import { JobPage } from './job-page';
import { JobsList } from './jobs-list';
import { ProblemPage } from './problem/problem-page';
import './evaluate.css';

export function EvaluateView() {
  const { store, evaluations } = useStudio();
  const failure = useAppState((state) => state.jobsFailure);
  useKeys({ evaluate: () => store.setState({ room: 'workbench' }) });
  return (
    <main className="evaluate" data-testid="evaluate-view" aria-label="Evaluate">
      <JobsList />
      <div className="evaluate__page">
        {failure && (
          <Problem message={failure.message} hint={failure.hint} code={failure.code} testId="jobs-error">
            <button type="button" className="button" onClick={() => void evaluations.refresh()}>
              Try again
            </button>
          </Problem>
        )}
        <Page />
      </div>
    </main>
  );
}

function Page() {
  const place = useAppState((state) => state.evaluationPlace);
  const jobs = useAppState((state) => state.jobs);
  const job = jobs?.find(({ jobId }) => jobId === place.job);
  if (place.job === null) return <EvaluationForm />;
  if (jobs === null) return <p className="evaluate__empty muted">Reading the evaluations…</p>;
  if (!job) return <p className="evaluate__empty muted">This evaluation is not on this machine any more.</p>;
  if (place.problem !== null)
    return <ProblemPage key={`${job.jobId} ${place.problem}`} job={job} problem={place.problem} />;
  return <JobPage key={job.jobId} job={job} />;
}
