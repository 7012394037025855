/** One evaluation: how far it is, what can be done with it, and its figures under four tabs. */
import { Tabs } from 'radix-ui';
import { useMemo, useState } from 'react';
import type { JobInfo } from '../../engine/protocol';
import { ExportSubject } from '../export/chart-registry';
import { isAtWork, JobTab } from '../state/evaluations/state';
import { useAppState, useIsPage, useStudio } from '../state/studio-context';
import { Problem } from '../ui/parts/problem';
import { JobExport } from './job-export';
import { MatrixTab } from './matrix/matrix-tab';
import { ProvenanceTab } from './provenance-tab';
import { ResultsTab } from './results/results-tab';
import { TokensTab } from './tokens/tokens-tab';
import { jobName, jobSubject, progressWords, STATES } from './words';
import './job-page.css';

const TABS: Readonly<Record<JobTab, string>> = {
  results: 'Results',
  problems: 'Problems',
  tokens: 'Tokens',
  provenance: 'Provenance',
};

export function JobPage({ job }: { job: JobInfo }) {
  const { evaluations } = useStudio();
  const tab = useAppState((state) => state.evaluationPlace.tab);
  const { folder } = job.config.model;
  const subject = useMemo(() => jobSubject(folder, job.createdAt), [folder, job.createdAt]);
  return (
    <article className="job" data-testid="job-page" aria-label={jobName(job)}>
      <JobHead job={job} />
      {job.error && (
        <Problem message={job.error.message} hint={job.error.hint} code={job.error.code} testId="job-error" />
      )}
      {job.notices.map((notice) => (
        <p key={notice} className="notice job__notice">
          <span className="notice__sign" aria-hidden="true">
            i
          </span>
          <span>{notice}</span>
        </p>
      ))}
      <ExportSubject value={subject}>
        <Tabs.Root
          className="job__tabs"
          value={tab}
          onValueChange={(next) => evaluations.show({ tab: JobTab.parse(next) })}
        >
          <Tabs.List className="tabs" aria-label="Of this evaluation">
            {JobTab.options.map((each) => (
              <Tabs.Trigger key={each} value={each} className="tabs__tab" data-testid={`job-tab-${each}`}>
                {TABS[each]}
              </Tabs.Trigger>
            ))}
          </Tabs.List>
          <Tabs.Content value="results" className="job__panel" tabIndex={-1}>
            <ResultsTab job={job} />
          </Tabs.Content>
          <Tabs.Content value="problems" className="job__panel job__panel--whole" tabIndex={-1}>
            <MatrixTab job={job} />
          </Tabs.Content>
          <Tabs.Content value="tokens" className="job__panel" tabIndex={-1}>
            <TokensTab job={job} />
          </Tabs.Content>
          <Tabs.Content value="provenance" className="job__panel" tabIndex={-1}>
            <ProvenanceTab job={job} />
          </Tabs.Content>
        </Tabs.Root>
      </ExportSubject>
    </article>
  );
}

function JobHead({ job }: { job: JobInfo }) {
  const { state, activity } = job;
  const words = STATES[state];
  return (
    <header className="job__head">
      <JobTitle job={job} />
      <span className={`job-state job-state--${state}`} title={words.why} data-testid="job-state">
        <span aria-hidden="true">{words.sign}</span> {words.word}
      </span>
      <span className="muted job__progress" data-testid="job-progress">
        {progressWords(job)}
        {activity !== null && ` · ${activity}`}
      </span>
      <JobActions job={job} />
    </header>
  );
}

function JobActions({ job }: { job: JobInfo }) {
  const { evaluations } = useStudio();
  const isPage = useIsPage();
  const { jobId, state } = job;
  const words = STATES[state];
  return (
    <div className="job__actions">
      {!isPage && isAtWork(job) && (
        <button
          type="button"
          className="button"
          data-testid="pause-job"
          onClick={() => void evaluations.pause(jobId)}
        >
          Pause
        </button>
      )}
      {!isPage && !isAtWork(job) && state !== 'done' && (
        <button
          type="button"
          className="button button--primary"
          data-testid="resume-job"
          title={words.why}
          onClick={() => void evaluations.resume(jobId)}
        >
          Resume
        </button>
      )}
      <JobExport job={job} />
      {!isPage && (
        <button
          type="button"
          className="button"
          data-testid="delete-job"
          title="Delete; this can be undone"
          onClick={() => void evaluations.delete(job)}
        >
          Delete
        </button>
      )}
    </div>
  );
}

/** The name, which a click makes a field of. */
function JobTitle({ job }: { job: JobInfo }) {
  const { evaluations } = useStudio();
  const isPage = useIsPage();
  const [typed, setTyped] = useState<string | null>(null);
  const name = jobName(job);
  if (isPage)
    return (
      <h2 className="job__title" dir="auto">
        {name}
      </h2>
    );
  if (typed === null)
    return (
      <h2 className="job__title" dir="auto">
        <button type="button" className="job__name" title="Rename" onClick={() => setTyped(name)}>
          {name}
        </button>
      </h2>
    );
  const keep = () => {
    setTyped(null);
    if (typed.trim() !== '' && typed.trim() !== name) void evaluations.rename(job.jobId, typed.trim());
  };
  return (
    <input
      className="job__rename"
      aria-label="Name of the evaluation"
      // biome-ignore lint/a11y/noAutofocus: it takes the place of the button that was pressed
      autoFocus
      maxLength={200}
      value={typed}
      onChange={({ target }) => setTyped(target.value)}
      onBlur={keep}
      onKeyDown={(event) => {
        if (event.key === 'Enter') keep();
        if (event.key !== 'Escape') return;
        event.preventDefault();
        setTyped(null);
      }}
    />
  );
}
