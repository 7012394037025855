/** The deltas that a lane is given: of stored runs and of files, each with its factor and step. */
import { describeSource, MAX_TERMS, oneLine } from '../../engine/protocol';
import type { FieldId } from '../state/draft';
import { type GivenDraft, type TermDraft, withoutTerm, withStep, withTerm } from '../state/given-draft';
import type { LaneDraft } from '../state/lanes';
import { inputId } from '../state/run-reasons';
import { AddDelta } from './add-delta';

interface GivenDeltaProps {
  readonly id: FieldId;
  readonly problemId: string | undefined;
  readonly lane: LaneDraft;
  readonly onChange: (given: GivenDraft) => void;
}

export function GivenDelta({ id, problemId, lane, onChange }: GivenDeltaProps) {
  const { given } = lane.origin;
  const changeTerm = (index: number, term: TermDraft) =>
    onChange({ ...given, terms: given.terms.map((each, i) => (i === index ? term : each)) });
  return (
    <div className="lane-row__given" id={inputId(id)} tabIndex={-1} aria-describedby={problemId}>
      {given.terms.map((term, index) => (
        <Term
          // biome-ignore lint/suspicious/noArrayIndexKey: the same delta may stand there twice
          key={index}
          lane={lane.name}
          term={term}
          place={index + 1}
          onChange={(next) => changeTerm(index, next)}
          onRemove={() => onChange(withoutTerm(given, index))}
        />
      ))}
      {given.terms.length < MAX_TERMS && (
        <AddDelta lane={lane.name} onAdd={(delta) => onChange(withTerm(given, delta))} />
      )}
      <label className="lane-row__check" title="Without the part that moves the mean logit of the vocabulary">
        <input
          type="checkbox"
          data-testid={`given-centred-${lane.name}`}
          checked={given.centred}
          onChange={({ target }) => onChange({ ...given, centred: target.checked })}
        />
        centred
      </label>
    </div>
  );
}

interface TermProps {
  readonly lane: string;
  readonly term: TermDraft;
  readonly place: number;
  readonly onChange: (term: TermDraft) => void;
  readonly onRemove: () => void;
}

function Term({ lane, term, place, onChange, onRemove }: TermProps) {
  const { source } = term.given;
  const { step: _, ...bare } = source;
  const words = describeSource(bare);
  return (
    <div className="lane-row__term">
      <span className="lane-row__source" title={words}>
        {oneLine(words)}
      </span>
      <span aria-hidden="true">×</span>
      <input
        className="lane-row__factor"
        data-testid={`given-factor-${place}-${lane}`}
        aria-label={`Factor of ${words}`}
        inputMode="decimal"
        autoComplete="off"
        value={term.factor}
        onChange={({ target }) => onChange({ ...term, factor: target.value })}
      />
      <label className="lane-row__pair">
        step
        <input
          className="lane-row__factor"
          data-testid={`given-step-${place}-${lane}`}
          aria-label={`Step of ${words}; the last where it is empty`}
          inputMode="numeric"
          autoComplete="off"
          placeholder="last"
          value={term.step}
          // A file's delta was read when it was chosen.
          disabled={source.kind === 'file'}
          title={
            source.kind === 'file' ? 'Chosen when it was added: add the file again for another' : undefined
          }
          onChange={({ target }) => onChange(withStep(term, target.value))}
        />
      </label>
      <button
        type="button"
        className="button button--quiet"
        aria-label={`Remove ${words}`}
        onClick={onRemove}
      >
        ✕
      </button>
    </div>
  );
}
