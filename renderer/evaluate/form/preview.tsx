/** What the next evaluation will ask, before anything runs: prompts as the model reads them, and what can be seen. */
import { useState } from 'react';
import type { EvaluationConfig, EvaluationPreview } from '../../../engine/protocol';
import { useAppState, useStudio } from '../../state/studio-context';
import { useReading } from '../../state/use-reading';
import { Problem } from '../../ui/parts/problem';
import { count, grouped } from '../../ui/text/format';
import { dataName, detectableWords } from '../words';

/** Typing should not open a file with every letter. */
const SETTLE_MS = 500;

export function Preview({ config }: { config: EvaluationConfig | null }) {
  const { evaluations } = useStudio();
  const isReady = useAppState((state) => state.engine.state === 'ready');
  const [asked, setAsked] = useState<string | null>(null);
  // A set from the hub is fetched when the user says so.
  const isHub = config?.dataset.kind === 'named' && config.dataset.name !== 'starter';
  const waits = isHub && asked !== dataName(config);
  const reading = useReading({
    key: config && isReady && !waits ? JSON.stringify({ ...config, rows: 1 }) : null,
    scope: 'preview',
    read: (signal) => {
      if (!config) throw new Error('nothing to look at');
      return evaluations.preview(config, signal);
    },
    delay: SETTLE_MS,
  });
  const { value, failure, isCurrent, retry } = reading;
  return (
    <section className="preview" aria-label="Preview" data-testid="preview" aria-busy={!isCurrent}>
      <h3>Before it runs</h3>
      {!config && <p className="muted">Once every field is filled in.</p>}
      {config && waits && (
        <p>
          <button type="button" className="button" onClick={() => setAsked(dataName(config))}>
            Read {dataName(config)}
          </button>{' '}
          <span className="muted">From the Hugging Face cache, or from the hub where it is not there.</span>
        </p>
      )}
      {config && !waits && !value && !failure && <p className="muted">Reading the problems…</p>}
      {failure && (
        <Problem message={failure.message} hint={failure.hint} code={failure.code} testId="preview-error">
          <button type="button" className="button" onClick={retry}>
            Try again
          </button>
        </Problem>
      )}
      {config && value && !failure && !waits && <Shown preview={value} />}
    </section>
  );
}

function Shown({ preview }: { preview: EvaluationPreview }) {
  const { dataset, prompts, answers, detectable, notices } = preview;
  const total = dataset.total === null ? '' : ` of ${grouped(dataset.total)}`;
  return (
    <>
      <p>
        <strong>
          {grouped(dataset.n)}
          {total} problems, {count(answers, 'answer')}.
        </strong>{' '}
        <span data-testid="detectable">{detectableWords(dataset.n, detectable)}</span>
      </p>
      {notices.map((notice) => (
        <p key={notice} className="notice">
          <span className="notice__sign" aria-hidden="true">
            !
          </span>
          <span>{notice}</span>
        </p>
      ))}
      <Rejected preview={preview} />
      <p className="field__help">
        Gold answer: {dataset.gold}. Source: {dataset.source}. Licence: {dataset.licence}.
        {dataset.columns.length > 0 && ` Columns: ${dataset.columns.join(', ')}.`}
      </p>
      {prompts.map(({ problem, text, tokens }, at) => (
        <details key={problem} className="preview__prompt" open={at === 0}>
          <summary>
            Problem {problem} <span className="muted">as the model reads it, {count(tokens, 'token')}</span>
          </summary>
          <pre dir="auto">{text}</pre>
        </details>
      ))}
    </>
  );
}

function Rejected({ preview: { dataset } }: { preview: EvaluationPreview }) {
  const { rejected, rejectedCount, broken, brokenCount } = dataset;
  return (
    <>
      {rejectedCount > 0 && (
        <details className="preview__prompt">
          <summary>{count(rejectedCount, 'gold answer')} rejected by the headline grader</summary>
          <p className="mono">
            {rejected.join(', ')}
            {rejectedCount > rejected.length ? ' …' : ''}
          </p>
        </details>
      )}
      {brokenCount > 0 && (
        <details className="preview__prompt">
          <summary>{count(brokenCount, 'broken line')} left out</summary>
          <ul>
            {broken.map(({ line, message }) => (
              <li key={line}>
                line {grouped(line)}: {message}
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}
