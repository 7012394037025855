/** One problem of an evaluation: how it was asked, and every lane's answer with every grader's word on it. */
import type { JobInfo, Result } from '../../../engine/protocol';
import { isRunning } from '../../run/run-view';
import { shownRun } from '../../state/shown-run';
import { useAppState, useIsPage, useStudio } from '../../state/studio-context';
import { ReadingProblem } from '../reading-problem';
import { useOfJob } from '../use-job';
import { jobName } from '../words';
import { AnswerCard } from './answer-card';
import './problem.css';

export function ProblemPage({ job, problem }: { job: JobInfo; problem: string }) {
  const { evaluations } = useStudio();
  const isPage = useIsPage();
  const reading = useOfJob(job, `problem ${problem}`, (jobId, signal) =>
    evaluations.problem(jobId, problem, signal),
  );
  return (
    <article className="problem-page" data-testid="problem-page" aria-label={`Problem ${problem}`}>
      <header className="job__head">
        <button
          type="button"
          className="button"
          data-testid="leave-problem"
          onClick={() => evaluations.show({ problem: null })}
        >
          ← {jobName(job)}
        </button>
        <h2 className="job__title">Problem {problem}</h2>
        {reading.value && !isPage && <OpenInWorkbench found={reading.value} />}
      </header>
      {reading.value ? (
        <Shown job={job} found={reading.value} />
      ) : (
        <ReadingProblem reading={reading} what="Reading the problem…" />
      )}
    </article>
  );
}

type Found = Result<'evaluations.problem'>;

function OpenInWorkbench({ found: { run } }: { found: Found }) {
  const { evaluations } = useStudio();
  const isBusy = useAppState((state) => isRunning(shownRun(state)));
  return (
    <div className="job__actions">
      <button
        type="button"
        className="button button--primary"
        data-testid="open-in-workbench"
        disabled={isBusy}
        title={
          isBusy
            ? 'A run is on: cancel it or wait for its end.'
            : `Runs it there in ${run.lanes.length} lanes, with charts, tokens and where they part`
        }
        onClick={() => void evaluations.openInWorkbench(run)}
      >
        Open in the workbench
      </button>
    </div>
  );
}

function Shown({ job, found: { problem, prompt, answers } }: { job: JobInfo; found: Found }) {
  return (
    <>
      <section className="problem-page__asked" aria-label="How it was asked">
        {prompt.messages.map(({ role, content }, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: messages stand in their order
          <div key={at} className="problem-page__message">
            <h3>{prompt.raw ? 'text to go on with' : role}</h3>
            <p dir="auto">{content}</p>
          </div>
        ))}
        <div className="problem-page__message problem-page__gold">
          <h3>gold answer</h3>
          <p dir="auto" data-testid="gold">
            {problem.gold}
          </p>
        </div>
      </section>
      <section className="answers" aria-label="Answers">
        {answers.length === 0 && <p className="muted">No lane has answered it yet.</p>}
        {answers.map((answer) => (
          <AnswerCard
            key={`${answer.lane} ${answer.sample}`}
            answer={answer}
            lane={job.config.lanes.find(({ name }) => name === answer.lane)}
            baseline={answers.find(({ lane, sample }) => isBaseline(job, lane) && sample === answer.sample)}
          />
        ))}
      </section>
    </>
  );
}

function isBaseline({ config }: JobInfo, lane: string): boolean {
  return config.lanes.find(({ steps }) => steps === 0)?.name === lane;
}
