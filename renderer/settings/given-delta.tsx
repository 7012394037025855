/** The deltas that a lane is given: of stored runs and of files, each with its factor and step. */
import { useEffect, useState } from 'react';
import { describeSource, MAX_TERMS, oneLine, type RunSummary, toFailure } from '../../engine/protocol';
import { dateWords } from '../run/run-words';
import type { FieldId } from '../state/draft';
import { type GivenDraft, type TermDraft, withoutTerm, withStep, withTerm } from '../state/given-draft';
import type { LaneDraft } from '../state/lanes';
import { inputId } from '../state/run-reasons';
import { useAppState, useStudio } from '../state/studio-context';
import { FileButton } from '../ui/parts/file-button';

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
      <input
        className="lane-row__factor"
        data-testid={`given-factor-${place}-${lane}`}
        aria-label={`Factor of ${words}`}
        inputMode="decimal"
        autoComplete="off"
        value={term.factor}
        onChange={({ target }) => onChange({ ...term, factor: target.value })}
      />
      <span aria-hidden="true">×</span>
      <span className="lane-row__source" title={words}>
        {oneLine(words)}
      </span>
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
          // A file's delta was read when the file was chosen.
          disabled={source.kind === 'file'}
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

/** Deltas that are offered: of the newest runs. */
const OFFERED = 60;

function AddDelta({ lane, onAdd }: { lane: string; onAdd: (delta: TermDraft['given']) => void }) {
  const { runs } = useStudio();
  const stored = useAppState((state) => state.storedRuns);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    if (stored === null) void runs.refresh();
  }, [stored, runs]);
  const offered = (stored ?? []).flatMap(deltasOf).slice(0, OFFERED);
  const add = async (read: () => Promise<TermDraft['given']>) => {
    try {
      onAdd(await read());
      setProblem(null);
    } catch (thrown) {
      const { message, hint } = toFailure(thrown);
      setProblem(`${message}. ${hint}`);
    }
  };
  return (
    <div className="lane-row__add-delta">
      <select
        data-testid={`given-run-${lane}`}
        aria-label={`Add a delta of a stored run to ${lane}`}
        value=""
        onChange={({ target }) => {
          const found = offered[Number(target.value)];
          if (found) void add(() => runs.delta({ kind: 'run', ...found.source }));
        }}
      >
        <option value="" disabled>
          {offered.length > 0 ? 'Add a stored run’s delta…' : 'No stored run has a delta'}
        </option>
        {offered.map(({ source, words }, index) => (
          <option key={`${source.runId}/${source.lane}`} value={index}>
            {words}
          </option>
        ))}
      </select>
      <FileButton
        text="From file…"
        title="A delta in a safetensors file: the vectors exported with a run, or a float32 tensor of your own"
        label={`Delta file of ${lane}`}
        testId={`given-file-${lane}`}
        accept=".safetensors"
        onFiles={([file]) => file && void add(() => runs.deltaOfFile(file))}
      />
      {problem && (
        <p className="field__problem" role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}

function deltasOf({ runId, lanes, prompt, at, outcome }: RunSummary) {
  if (outcome === 'damaged') return [];
  return lanes
    .filter(({ steps, origin }) => steps > 0 && origin !== 'temperature')
    .map(({ name }) => ({
      source: { runId, lane: name },
      words: `${oneLine(name, 24)} · ${oneLine(prompt, 36)} · ${dateWords(at)}`,
    }));
}
