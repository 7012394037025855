/** Edits a stored run's tags and note where they stand. */
import { type FormEvent, useId, useState } from 'react';
import { type Failure, RunLabels, type RunSummary, toFailure } from '../../engine/protocol';
import { useStudio } from '../state/studio-context';
import { Problem } from '../ui/parts/problem';
import { readTags } from './filter-runs';
import './labels-form.css';

export function LabelsForm({ run, onClose }: { run: RunSummary; onClose: () => void }) {
  const { tags, setTags, note, setNote, isValid, failure, save } = useLabels(run, onClose);
  const id = useId();

  return (
    <form
      className="labels-form"
      data-testid="labels-form"
      onSubmit={(event) => void save(event)}
      data-own-escape
      onKeyDown={(event) => event.key === 'Escape' && onClose()}
    >
      <label htmlFor={`${id}-tags`}>Tags</label>
      <input
        id={`${id}-tags`}
        dir="auto"
        value={tags}
        placeholder="separated by commas"
        spellCheck={false}
        // biome-ignore lint/a11y/noAutofocus: the user has just asked to write here
        autoFocus
        aria-invalid={!isValid}
        onChange={(event) => setTags(event.target.value)}
      />
      <label htmlFor={`${id}-note`}>Note</label>
      <textarea
        id={`${id}-note`}
        dir="auto"
        rows={2}
        value={note}
        maxLength={10_000}
        onChange={(event) => setNote(event.target.value)}
      />
      {!isValid && (
        <p className="field__problem" role="alert">
          At most 20 tags of 40 characters each.
        </p>
      )}
      {failure && <Problem message={failure.message} hint={failure.hint} code={failure.code} />}
      <div className="labels-form__actions">
        <button type="submit" className="button button--primary" disabled={!isValid}>
          Save
        </button>
        <button type="button" className="button" onClick={onClose}>
          Cancel
        </button>
      </div>
    </form>
  );
}

/** The labels as they are typed. */
function useLabels(run: RunSummary, onSaved: () => void) {
  const { runs } = useStudio();
  const [tags, setTags] = useState(run.tags.join(', '));
  const [note, setNote] = useState(run.note);
  const [failure, setFailure] = useState<Failure | null>(null);
  const labels = RunLabels.safeParse({ tags: readTags(tags), note });

  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (!labels.success) return;
    try {
      await runs.label(run.runId, labels.data);
      onSaved();
    } catch (thrown) {
      setFailure(toFailure(thrown));
    }
  };
  return { tags, setTags, note, setNote, isValid: labels.success, failure, save };
}
