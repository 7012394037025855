/** One line of the form: kept as typed, with what it means or what is wrong with it. */
import { Field } from '../../settings/field';
import type { EvaluationField } from '../../state/evaluations/check';
import type { DraftInHand } from './use-draft';

type LineName = {
  [K in keyof DraftInHand['draft']]: DraftInHand['draft'][K] extends string ? K : never;
}[keyof DraftInHand['draft']] &
  EvaluationField;

interface LineFieldProps {
  readonly hand: DraftInHand;
  readonly field: Exclude<LineName, 'data' | 'mode' | 'preset'>;
  readonly label: string;
  readonly help: string;
  readonly placeholder?: string;
}

export function LineField({ hand, field, label, help, placeholder }: LineFieldProps) {
  return (
    <TextLine
      id={`evaluation-${field}`}
      label={label}
      help={help}
      problem={hand.problems.get(field)}
      value={hand.draft[field]}
      onChange={(value) => hand.change({ [field]: value })}
      {...(placeholder === undefined ? {} : { placeholder })}
    />
  );
}

interface TextLineProps {
  readonly id: string;
  readonly label: string;
  readonly help: string;
  readonly problem?: string | undefined;
  readonly value: string;
  readonly placeholder?: string;
  readonly onChange: (value: string) => void;
}

export function TextLine({ id, label, help, problem, value, placeholder, onChange }: TextLineProps) {
  return (
    <Field id={id} label={label} help={help} problem={problem}>
      <input
        id={id}
        data-testid={id}
        autoComplete="off"
        spellCheck={false}
        value={value}
        placeholder={placeholder}
        aria-invalid={problem !== undefined}
        aria-describedby={`${id}-help`}
        onChange={({ target }) => onChange(target.value)}
      />
    </Field>
  );
}
