/** The form for a new evaluation, with what it will ask beside it. */
import { useKeys, useKeyWords } from '../../keys/use-keys';
import { useAppState, useStudio } from '../../state/studio-context';
import { Problem } from '../../ui/parts/problem';
import { DataFields } from './data-fields';
import { DrawFields, GraderFields } from './grader-fields';
import { LaneFields } from './lane-fields';
import { Preview } from './preview';
import { PromptFields } from './prompt-fields';
import { type DraftInHand, useEvaluationDraft } from './use-draft';
import '../../ui/parts/field.css';
import './form.css';

export function EvaluationForm() {
  const hand = useEvaluationDraft();
  return (
    <div className="evaluation-form" data-testid="evaluation-new">
      <form
        className="evaluation-form__fields"
        aria-label="New evaluation"
        onSubmit={(event) => event.preventDefault()}
      >
        <h2>New evaluation</h2>
        <DataFields hand={hand} />
        <PromptFields hand={hand} />
        <LaneFields hand={hand} />
        <GraderFields hand={hand} />
        <DrawFields hand={hand} />
      </form>
      <div className="evaluation-form__side">
        <Start hand={hand} />
        <Preview config={hand.config} />
      </div>
    </div>
  );
}

function Start({ hand }: { hand: DraftInHand }) {
  const { evaluations } = useStudio();
  const keys = useKeyWords();
  const { config, draft, problems, change } = hand;
  const failure = useAppState((state) => state.startFailure);
  const isStarting = useAppState((state) => state.startingJob);
  const isReady = useAppState((state) => state.engine.state === 'ready');
  const start = () => {
    if (config && isReady) void evaluations.start(config, draft.title.trim().slice(0, 200));
  };
  useKeys({ run: start });
  return (
    <section className="evaluation-form__start" aria-label="Start">
      <input
        value={draft.title}
        maxLength={200}
        placeholder="Name, if you like"
        aria-label="Name of the evaluation"
        data-testid="evaluation-title"
        onChange={({ target }) => change({ title: target.value })}
      />
      <button
        type="button"
        className="button button--primary"
        data-testid="start-evaluation"
        disabled={!config || isStarting || !isReady}
        title={keys.titled('Every answer is kept as it comes', 'run')}
        aria-keyshortcuts={keys.aria('run')}
        onClick={start}
      >
        {isStarting ? 'Starting…' : 'Start'}
      </button>
      {problems.size > 0 && (
        <p className="field__problem" role="status">
          {problems.get('whole') ??
            `${problems.size === 1 ? 'A field' : `${problems.size} fields`} to mend first.`}
        </p>
      )}
      {failure && (
        <Problem message={failure.message} hint={failure.hint} code={failure.code} testId="start-error" />
      )}
    </section>
  );
}
