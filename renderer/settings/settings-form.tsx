/** Every setting of a run, each with its meaning and unit. */
import type { GenerationDraft } from '../state/draft';
import { useAppState, useStudio } from '../state/studio-context';
import { Field } from './field';
import { GroupsEditor } from './groups-editor';
import { LanesEditor } from './lanes-editor';
import { NumberField } from './number-field';
import { SettingsPart } from './settings-part';
import { TemplateEditor } from './template-editor';
import { WindowFields } from './window-fields';
import './settings.css';

/** The numbers that all lanes share, in the order of the form. */
const NUMBERS = [
  {
    field: 'maxNewTokens',
    label: 'Max new tokens',
    help: 'Longest answer, in tokens. As max_new_tokens in Transformers.',
  },
  {
    field: 'temperature',
    label: 'Temperature',
    help: 'Divides the logits before softmax: 0 takes the most probable token each time, higher draws more widely.',
  },
  {
    field: 'topP',
    label: 'Top-p',
    help: 'Draws among the most probable tokens that hold this share; 1 keeps all. Nucleus sampling, arXiv 1904.09751.',
  },
  {
    field: 'seed',
    label: 'Seed',
    help: 'Same seed, same luck in every lane; without effect at temperature 0. Gumbel noise by seed, position and token.',
  },
  {
    field: 'samples',
    label: 'Samples',
    help: 'Answers of each lane, drawn with this seed and the next ones; above 1 it needs a temperature. See Samples among the charts.',
  },
] as const;

export function SettingsForm() {
  return (
    <>
      <LanesEditor />
      <TemplateEditor />
      <GenerationFields />
      <VocabularyFields />
      <WindowFields />
    </>
  );
}

function GenerationFields() {
  const { store } = useStudio();
  const generation = useAppState((state) => state.generation);
  const change = (part: Partial<GenerationDraft>) =>
    store.setState({ generation: { ...generation, ...part } });
  return (
    <SettingsPart part="answer" title="Answer, all lanes">
      {NUMBERS.map(({ field, ...texts }) => (
        <NumberField
          key={field}
          field={field}
          {...texts}
          value={generation[field]}
          onChange={(value) => change({ [field]: value })}
        />
      ))}
      <Field
        id="ignore-eos"
        label="Ignore end token"
        help="Writes on to the limit even past the end of the answer. As ignore_eos in vLLM."
      >
        <input
          id="ignore-eos"
          type="checkbox"
          data-testid="ignore-eos"
          checked={generation.ignoreEos}
          onChange={(event) => change({ ignoreEos: event.target.checked })}
        />
      </Field>
      <Field
        id="stops"
        label="Ends at"
        help="Texts that end an answer, a line each, such as Question: or \n\n for a blank line; it is cut before them."
      >
        <textarea
          id="stops"
          data-testid="stops"
          rows={2}
          spellCheck={false}
          value={generation.stops}
          onChange={(event) => change({ stops: event.target.value })}
        />
      </Field>
    </SettingsPart>
  );
}

function VocabularyFields() {
  const { store } = useStudio();
  const listLength = useAppState((state) => state.listLength);
  const explain = useAppState((state) => state.explain);
  return (
    <SettingsPart part="vocabulary" title="Vocabulary">
      <NumberField
        field="listLength"
        label="Listed tokens"
        help="Length of each list of boosted and suppressed tokens, per step."
        value={listLength}
        onChange={(value) => store.setState({ listLength: value })}
      />
      <Field
        id="explain"
        label="Explain tokens"
        help="By commas, as the charts write them: ·apples, Tom; or by Explain beside a token of an answer. The next run tells which prompt tokens shifted each; choose one above the prompt's tokens."
      >
        <input
          id="explain"
          data-testid="explain"
          autoComplete="off"
          spellCheck={false}
          value={explain}
          aria-describedby="explain-help"
          onChange={({ target }) => store.setState({ explain: target.value })}
        />
      </Field>
      <GroupsEditor />
    </SettingsPart>
  );
}
