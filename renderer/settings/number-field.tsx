/** A number, kept as typed and checked as typed. */
import type { FieldId, NumberField as NumberName } from '../state/draft';
import { inputId } from '../state/run-reasons';
import { useDraftCheck } from '../state/use-draft-check';
import { Field } from './field';

interface NumberFieldProps {
  readonly field: NumberName;
  /** Where it differs from the field's own name. */
  readonly id?: FieldId;
  readonly label: string;
  readonly help: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

export function NumberField({ field, id, label, help, value, onChange }: NumberFieldProps) {
  const fieldId = id ?? (field as FieldId);
  const problem = useDraftCheck().problems.get(fieldId);
  const input = inputId(fieldId);
  return (
    <Field id={input} label={label} help={help} problem={problem}>
      <input
        id={input}
        data-testid={field}
        // Not type=number: that one hides from the page what was typed when it is not a number.
        inputMode="decimal"
        autoComplete="off"
        spellCheck={false}
        value={value}
        aria-invalid={problem !== undefined}
        aria-describedby={`${input}-help`}
        onChange={(event) => onChange(event.target.value)}
      />
    </Field>
  );
}
