/** What delta did to the vocabulary over all problems of a lane: tokens with spread and sign test, and word groups. */
import { useState } from 'react';
import type { JobInfo } from '../../../engine/protocol';
import { useStudio } from '../../state/studio-context';
import { Problem } from '../../ui/parts/problem';
import { count } from '../../ui/text/format';
import { ReadingProblem } from '../reading-problem';
import { useOfJob } from '../use-job';
import { FigureGroups } from './figure-groups';
import { FigureTokens } from './figure-tokens';
import './tokens.css';

export function TokensTab({ job }: { job: JobInfo }) {
  const lanes = job.config.lanes.filter(({ steps, origin }) => steps > 0 && origin.kind !== 'temperature');
  const [chosen, setChosen] = useState('');
  const lane = lanes.find(({ name }) => name === chosen) ?? lanes.find(({ origin }) => origin.kind === 'own');
  if (!lane)
    return (
      <p className="evaluate__empty muted">
        No lane of this evaluation learns a delta: there is nothing to show.
      </p>
    );
  return (
    <div className="tokens" data-testid="token-figure">
      <label className="tokens__lane">
        Lane{' '}
        <select value={lane.name} onChange={({ target }) => setChosen(target.value)}>
          {lanes.map(({ name }) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <OfLane key={lane.name} job={job} lane={lane.name} />
    </div>
  );
}

function OfLane({ job, lane }: { job: JobInfo; lane: string }) {
  const { evaluations } = useStudio();
  const reading = useOfJob(job, `figure ${lane}`, (jobId, signal) => evaluations.figure(jobId, lane, signal));
  const { value: figure } = reading;
  if (!figure && !reading.isCurrent) return <ReadingProblem reading={reading} what="Reading the tokens…" />;
  if (reading.failure)
    return (
      <Problem message={reading.failure.message} hint={reading.failure.hint} code={reading.failure.code} />
    );
  if (!figure || figure.problems === 0)
    return (
      <p className="evaluate__empty muted">
        Not there: nothing was adapted yet, or the evaluation was imported.
      </p>
    );
  return (
    <>
      <p className="muted">
        Over {count(figure.problems, 'problem')}: the mean shift W·delta of each token in logits, centred by
        each problem's own mean over the vocabulary, ± its spread over problems; in how many problems it is
        above and below 0; and the sign test's p, corrected for the {count(figure.vocab, 'token')} of the
        vocabulary.
      </p>
      <FigureGroups groups={figure.groups} lane={lane} />
      <div className="tokens__sides">
        <FigureTokens title="Boosted" tokens={figure.boosted} lane={lane} />
        <FigureTokens title="Suppressed" tokens={figure.suppressed} lane={lane} />
      </div>
    </>
  );
}
