/** An evaluation, to read: its table, charts, problems with every answer, token figure and provenance. */
import type { JobInfo } from '../../engine/protocol';
import { Frame } from '../app/panes/frame';
import { ThemeToggle } from '../app/top-bar/theme-toggle';
import { JobPage } from '../evaluate/job-page';
import { ProblemPage } from '../evaluate/problem/problem-page';
import { dateWords } from '../run/run-words';
import { useAppState } from '../state/studio-context';
import { Toaster } from '../toasts/toaster';
import '../app/top-bar/top-bar.css';
import '../evaluate/evaluate.css';
import './page.css';

export function EvaluationPage({ job }: { job: JobInfo }) {
  const problem = useAppState((state) => state.evaluationPlace.problem);
  return (
    <Frame>
      <header className="top-bar">
        <h1 className="top-bar__name">SLOT Studio</h1>
        <p className="page-bar__what muted">
          Evaluation of <time dateTime={job.createdAt}>{dateWords(job.createdAt)}</time>
        </p>
        <ThemeToggle />
      </header>
      <main className="evaluate evaluate--page" aria-label="Evaluation">
        <div className="evaluate__page">
          {problem === null ? (
            <JobPage job={job} />
          ) : (
            <ProblemPage key={problem} job={job} problem={problem} />
          )}
        </div>
      </main>
      <Toaster />
    </Frame>
  );
}
