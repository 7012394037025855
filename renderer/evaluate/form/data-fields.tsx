/** Which problems: a set by its name, or a file with what its columns hold. */
import { DATASET_NAMES, DatasetName } from '../../../engine/protocol';
import { Field } from '../../settings/field';
import type { EvaluationDraft } from '../../state/evaluations/draft';
import { useStudio } from '../../state/studio-context';
import { DATA_NAMES } from '../words';
import { LineField, TextLine } from './line-field';
import type { DraftInHand } from './use-draft';

export function DataFields({ hand }: { hand: DraftInHand }) {
  const { draft, change } = hand;
  const about =
    draft.data === 'file' ? 'Your own JSON Lines, CSV or Parquet file.' : DATA_NAMES[draft.data].about;
  return (
    <fieldset className="form-part">
      <legend>Data</legend>
      <Field id="evaluation-data" label="Problems" help={about}>
        <select
          id="evaluation-data"
          data-testid="evaluation-data"
          value={draft.data}
          aria-describedby="evaluation-data-help"
          onChange={({ target }) => {
            const named = DatasetName.safeParse(target.value);
            // What is usual differs from set to set.
            change({ data: named.success ? named.data : 'file', form: null, graders: null, split: '' });
          }}
        >
          {DATASET_NAMES.map((name) => (
            <option key={name} value={name}>
              {DATA_NAMES[name].title}
            </option>
          ))}
          <option value="file">A file…</option>
        </select>
      </Field>
      {draft.data === 'file' ? (
        <FileFields hand={hand} />
      ) : (
        draft.data !== 'starter' && (
          <LineField
            hand={hand}
            field="split"
            label="Split"
            placeholder="usual"
            help="As the hub names it; empty is the one that results are reported on."
          />
        )
      )}
      <LineField
        hand={hand}
        field="limit"
        label="At most"
        placeholder="all"
        help="So many problems; empty asks all of them."
      />
      <LineField
        hand={hand}
        field="shuffle"
        label="Shuffle seed"
        placeholder="file's order"
        help="Draws which problems are asked; empty takes them in the file's order."
      />
    </fieldset>
  );
}

const COLUMNS = [
  { name: 'question', label: 'Question', help: 'The column that holds it.' },
  { name: 'answer', label: 'Answer', help: 'The column with the right answer.' },
  {
    name: 'choices',
    label: 'Choices',
    help: 'One column with a list, or a column each by commas; may be empty.',
  },
  { name: 'subject', label: 'Subject', help: 'What problems are grouped by; may be empty.' },
  { name: 'system', label: 'System prompt', help: "The problem's own; may be empty." },
  { name: 'id', label: 'Id', help: 'Unique; empty counts the rows.' },
  {
    name: 'goldAfter',
    label: 'Gold answer after',
    help: 'What it follows, such as ####; empty finds that out.',
  },
] as const satisfies readonly { name: keyof EvaluationDraft['file']; label: string; help: string }[];

function FileFields({ hand }: { hand: DraftInHand }) {
  const { shell } = useStudio();
  const { file } = hand.draft;
  const set = (part: Partial<EvaluationDraft['file']>) => hand.change({ file: { ...file, ...part } });
  const problem = hand.problems.get('path');
  return (
    <>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: a file can be dropped where its path can be typed */}
      <div
        className="form-path"
        onDragOver={(event) => event.preventDefault()}
        onDrop={(event) => {
          const [dropped] = event.dataTransfer.files;
          if (!dropped || !shell.pathOf) return;
          // Elsewhere in the window a dropped file is a run.
          event.preventDefault();
          set({ path: shell.pathOf(dropped) });
        }}
      >
        <label htmlFor="evaluation-path">Path</label>
        <input
          id="evaluation-path"
          data-testid="evaluation-path"
          spellCheck={false}
          autoComplete="off"
          value={file.path}
          aria-invalid={problem !== undefined}
          aria-describedby="evaluation-path-help"
          onChange={({ target }) => set({ path: target.value })}
        />
        <p
          id="evaluation-path-help"
          className={problem ? 'field__problem' : 'field__help'}
          role={problem ? 'alert' : undefined}
        >
          {problem ??
            `The whole path of a .jsonl, .csv or .parquet file${shell.pathOf ? '; or drop it here' : ' on the machine of the engine'}.`}
        </p>
      </div>
      {COLUMNS.map(({ name, label, help }) => (
        <TextLine
          key={name}
          id={`evaluation-file-${name}`}
          label={label}
          help={help}
          value={file[name]}
          onChange={(value) => set({ [name]: value })}
        />
      ))}
      <label className="form-check">
        <input
          type="checkbox"
          checked={file.skipBroken}
          onChange={({ target }) => set({ skipBroken: target.checked })}
        />
        Leave broken lines out, counted, in place of stopping at the first
      </label>
    </>
  );
}
