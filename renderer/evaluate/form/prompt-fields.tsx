/** How a problem is asked, and of which model. */
import { PromptFormName } from '../../../engine/protocol';
import { Field } from '../../settings/field';
import type { EvaluationDraft } from '../../state/evaluations/draft';
import { useAppState } from '../../state/studio-context';
import { LineField, TextLine } from './line-field';
import type { DraftInHand } from './use-draft';

export function PromptFields({ hand }: { hand: DraftInHand }) {
  const options = useAppState((state) => state.evaluationOptions);
  const { draft, usual, change } = hand;
  const chosen = draft.form ?? usual.form;
  const known = options?.forms.find(({ name }) => name === chosen);
  return (
    <fieldset className="form-part">
      <legend>Prompt</legend>
      <Field
        id="evaluation-form"
        label="Form"
        help={draft.form === 'own' ? 'Your own words around the question.' : (known?.source ?? '')}
      >
        <select
          id="evaluation-form"
          data-testid="evaluation-form"
          value={chosen}
          aria-describedby="evaluation-form-help"
          onChange={({ target }) => {
            const preset = PromptFormName.safeParse(target.value);
            change({ form: preset.success ? preset.data : 'own' });
          }}
        >
          {options?.forms.map(({ name, title, shots }) => (
            <option key={name} value={name}>
              {title}
              {shots > 0 ? `, ${shots} examples` : ''}
              {name === usual.form ? ' (usual)' : ''}
            </option>
          ))}
          <option value="own">Your own…</option>
        </select>
      </Field>
      {draft.form === 'own' && <OwnForm hand={hand} />}
      <ModelFields hand={hand} />
      <LineField
        hand={hand}
        field="maxNewTokens"
        label="Most new tokens"
        placeholder={String(usual.maxNewTokens)}
        help="An answer that reaches this is cut; how many were is shown with the results."
      />
    </fieldset>
  );
}

function OwnForm({ hand }: { hand: DraftInHand }) {
  const { own } = hand.draft;
  const set = (part: Partial<EvaluationDraft['own']>) => hand.change({ own: { ...own, ...part } });
  const problem = hand.problems.get('user');
  return (
    <>
      {!own.raw && (
        <label className="form-area">
          System prompt
          <textarea rows={2} value={own.system} onChange={({ target }) => set({ system: target.value })} />
        </label>
      )}
      <label className="form-area">
        {own.raw ? 'Text to go on with' : 'User turn'}
        <textarea
          rows={3}
          data-testid="evaluation-user"
          value={own.user}
          aria-invalid={problem !== undefined}
          onChange={({ target }) => set({ user: target.value })}
        />
      </label>
      <p className={problem ? 'field__problem' : 'field__help'} role={problem ? 'alert' : undefined}>
        {problem ?? '{{question}}, {{choices}} and {{subject}} are the problem’s.'}
      </p>
      <label className="form-area">
        Texts that end an answer, a line each; \n for a new line
        <textarea rows={2} value={own.stops} onChange={({ target }) => set({ stops: target.value })} />
      </label>
      <label className="form-check">
        <input type="checkbox" checked={own.raw} onChange={({ target }) => set({ raw: target.checked })} />
        Without the model's chat template
      </label>
    </>
  );
}

function ModelFields({ hand }: { hand: DraftInHand }) {
  const current = useAppState(({ modelChoice }) => modelChoice.folder.trim() || 'the starter model');
  const { model } = hand.draft;
  const set = (part: Partial<NonNullable<EvaluationDraft['model']>>) =>
    hand.change({ model: { folder: '', dtype: '', ...model, ...part } });
  return (
    <>
      <Field
        id="evaluation-model"
        label="Model"
        help={model === null ? `Now ${current}.` : 'A folder, or the hub id of a model on this machine.'}
      >
        <select
          id="evaluation-model"
          value={model === null ? 'current' : 'other'}
          aria-describedby="evaluation-model-help"
          onChange={({ target }) => (target.value === 'current' ? hand.change({ model: null }) : set({}))}
        >
          <option value="current">That of the top bar</option>
          <option value="other">Another…</option>
        </select>
      </Field>
      {model !== null && (
        <>
          <TextLine
            id="evaluation-folder"
            label="Folder or id"
            help="Empty is the starter model."
            value={model.folder}
            onChange={(folder) => set({ folder })}
          />
          <TextLine
            id="evaluation-dtype"
            label="dtype"
            help="As in the file name: fp32, q4, …; empty takes the first of fp32 and fp16."
            value={model.dtype}
            onChange={(dtype) => set({ dtype })}
          />
        </>
      )}
    </>
  );
}
