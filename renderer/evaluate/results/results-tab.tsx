/** What came out: the table of lanes, what it may claim, and its charts. */
import type { EvaluationSummary, JobInfo } from '../../../engine/protocol';
import { useIsPage } from '../../state/studio-context';
import { count, grouped } from '../../ui/text/format';
import { ReadingProblem } from '../reading-problem';
import { useSummary } from '../use-job';
import { FormTable } from './form-table';
import { GradersTable } from './graders-table';
import { LanesTable } from './lanes-table';
import { Regrade } from './regrade';
import { stepSeries, sweepGrids } from './series';
import { StepsChart } from './steps-chart';
import { SubjectsTable } from './subjects-table';
import { SweepMap } from './sweep-map';
import '../../charts/charts.css';
import './results.css';

export function ResultsTab({ job }: { job: JobInfo }) {
  const reading = useSummary(job);
  const isPage = useIsPage();
  if (!reading.value) return <ReadingProblem reading={reading} what="Reading the figures…" />;
  const { summary } = reading.value;
  return (
    <div className="results" data-testid="results">
      <Claims job={job} summary={summary} />
      <LanesTable lanes={summary.lanes} />
      <Charts summary={summary} />
      <FormTable lanes={summary.lanes} />
      <GradersTable lanes={summary.lanes} />
      <SubjectsTable subjects={summary.subjects} />
      {!isPage && <Regrade job={job} />}
    </div>
  );
}

function Claims({ job, summary }: { job: JobInfo; summary: EvaluationSummary }) {
  return (
    <section className="claims" aria-label="What may be claimed" data-testid="claims">
      {job.done < job.total && (
        <p className="claims__standing">
          So far: {grouped(job.done)} of {grouped(job.total)} answers to {count(summary.problems, 'problem')}.
          Lanes are compared on the problems that both have answered.
        </p>
      )}
      {summary.claims.map((claim) => (
        <p key={claim}>{claim}</p>
      ))}
    </section>
  );
}

function Charts({ summary: { lanes } }: { summary: EvaluationSummary }) {
  const series = stepSeries(lanes);
  const grids = sweepGrids(lanes);
  if (series.length === 0 && grids.length === 0) return null;
  return (
    <div className="results__charts">
      {series.length > 0 && <StepsChart series={series} />}
      {grids.map((grid) => (
        <SweepMap key={grid.name} grid={grid} lanes={lanes} />
      ))}
    </div>
  );
}
