/** What the chat template reads besides the messages: the open model's names, names of the user's own, the day. */

import { openModelOf } from '../state/model-state';
import { inputId } from '../state/run-reasons';
import { useAppState, useStudio } from '../state/studio-context';
import {
  NO_TEMPLATE,
  type TemplateDraft,
  type TemplateField,
  type VariableDraft,
  withVariable,
} from '../state/template-draft';
import { useDraftCheck } from '../state/use-draft-check';
import { Field } from './field';
import { SettingsPart } from './settings-part';
import './template-editor.css';

const MAX_VARIABLES = 50;
const NO_NAMES: readonly string[] = [];

export function TemplateEditor() {
  const { store, toasts } = useStudio();
  const template = useAppState((state) => state.template);
  const names = useAppState((state) => openModelOf(state.model)?.templateVariables ?? NO_NAMES);
  const isRaw = useAppState((state) => state.promptKind === 'raw');
  const { problems } = useDraftCheck();
  const change = (next: TemplateDraft) => store.setState({ template: next });
  if (isRaw) return null;

  const own = template.variables.flatMap((row, index) => (names.includes(row.name) ? [] : [{ row, index }]));
  return (
    <SettingsPart part="template" title="Chat template" testId="template-settings">
      {names.map((name) => (
        <KnownVariable
          key={name}
          name={name}
          template={template}
          problem={problems.get(`template.${template.variables.findIndex((row) => row.name === name)}.value`)}
          onChange={(value) => change(withVariable(template, name, value))}
        />
      ))}
      {own.map(({ row, index }) => (
        <OwnVariable
          key={index}
          index={index}
          row={row}
          problems={problems}
          onChange={(next) => change({ ...template, variables: template.variables.with(index, next) })}
          onRemove={() => {
            change({ ...template, variables: template.variables.toSpliced(index, 1) });
            toasts.say(`Removed the variable ${row.name}.`, { name: 'Undo', run: () => change(template) });
          }}
        />
      ))}
      <TemplateDate template={template} problem={problems.get('template.date')} onChange={change} />
      <TemplateButtons template={template} onChange={change} />
    </SettingsPart>
  );
}

interface TemplateDateProps {
  readonly template: TemplateDraft;
  readonly problem: string | undefined;
  readonly onChange: (template: TemplateDraft) => void;
}

function TemplateDate({ template, problem, onChange }: TemplateDateProps) {
  return (
    <Field
      id={inputId('template.date')}
      label="Day"
      help="What templates that write the day write, year first; empty is the day of the run."
      problem={problem}
    >
      <input
        id={inputId('template.date')}
        data-testid="template-date"
        type="date"
        value={template.date}
        aria-describedby={`${inputId('template.date')}-help`}
        onChange={({ target }) => onChange({ ...template, date: target.value })}
      />
    </Field>
  );
}

function TemplateButtons({ template, onChange }: Omit<TemplateDateProps, 'problem'>) {
  const { toasts } = useStudio();
  const isEmpty = template.variables.length === 0 && template.date === '';
  return (
    <div>
      <button
        type="button"
        className="button button--quiet"
        disabled={template.variables.length >= MAX_VARIABLES}
        onClick={() => onChange({ ...template, variables: [...template.variables, { name: '', value: '' }] })}
      >
        + Variable
      </button>
      {!isEmpty && (
        <button
          type="button"
          className="button button--quiet"
          onClick={() => {
            onChange(NO_TEMPLATE);
            toasts.say('Template variables cleared.', { name: 'Undo', run: () => onChange(template) });
          }}
        >
          Clear
        </button>
      )}
    </div>
  );
}

interface KnownProps {
  readonly name: string;
  readonly template: TemplateDraft;
  readonly problem: string | undefined;
  readonly onChange: (value: string) => void;
}

const SWITCH = ['', 'true', 'false'];

/** Templates do not say what their variables are; these names are a switch's in all that are known. */
const IS_SWITCH = /^(?:enable|disable|add|use|is|has|keep|clear|preserve|no|with|skip)_|thinking$/;

function KnownVariable({ name, template, problem, onChange }: KnownProps) {
  const value = template.variables.find((row) => row.name === name)?.value ?? '';
  const id = `template-variable-${name}`;
  return (
    <Field
      id={id}
      label={name}
      help="Read by this model's template; unset is its own default."
      problem={problem}
    >
      {IS_SWITCH.test(name) && SWITCH.includes(value) ? (
        <select
          id={id}
          value={value}
          aria-describedby={`${id}-help`}
          onChange={({ target }) => onChange(target.value)}
        >
          {SWITCH.map((choice) => (
            <option key={choice} value={choice}>
              {choice || 'unset'}
            </option>
          ))}
        </select>
      ) : (
        <input
          id={id}
          dir="auto"
          placeholder="unset"
          value={value}
          aria-invalid={problem !== undefined}
          aria-describedby={`${id}-help`}
          onChange={({ target }) => onChange(target.value)}
        />
      )}
    </Field>
  );
}

interface OwnProps {
  readonly index: number;
  readonly row: VariableDraft;
  readonly problems: ReadonlyMap<string, string>;
  readonly onChange: (row: VariableDraft) => void;
  readonly onRemove: () => void;
}

function OwnVariable({ index, row, problems, onChange, onRemove }: OwnProps) {
  const nameId: TemplateField = `template.${index}.variable`;
  const valueId: TemplateField = `template.${index}.value`;
  const problem = problems.get(nameId) ?? problems.get(valueId);
  return (
    <div className="template-variable">
      <input
        id={inputId(nameId)}
        data-testid="variable-name"
        aria-label="Variable name"
        placeholder="name"
        value={row.name}
        aria-invalid={problems.has(nameId)}
        onChange={({ target }) => onChange({ ...row, name: target.value })}
      />
      <input
        id={inputId(valueId)}
        data-testid="variable-value"
        dir="auto"
        aria-label={`Value of ${row.name || 'the variable'}, as JSON or text`}
        placeholder="JSON or text"
        value={row.value}
        aria-invalid={problems.has(valueId)}
        onChange={({ target }) => onChange({ ...row, value: target.value })}
      />
      <button
        type="button"
        className="button button--quiet"
        aria-label={`Remove ${row.name || 'the variable'}`}
        onClick={onRemove}
      >
        ×
      </button>
      {problem && (
        <p className="field__problem" role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}
