/** One setting: label, input, and a line that explains it or says what is wrong with it. */
import type { ReactNode } from 'react';

interface FieldProps {
  readonly id: string;
  readonly label: string;
  readonly help: string;
  readonly problem?: string | undefined;
  readonly children: ReactNode;
}

export function Field({ id, label, help, problem, children }: FieldProps) {
  return (
    <div className="field">
      {/* What is folded away is told on pointing. */}
      <label htmlFor={id} title={help}>
        {label}
      </label>
      {children}
      <p
        className={problem ? 'field__problem' : 'field__help'}
        id={`${id}-help`}
        role={problem ? 'alert' : undefined}
      >
        {problem ?? help}
      </p>
    </div>
  );
}
