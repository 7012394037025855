/** An error where it happened: what is wrong, what to do, and optionally a button that does it. */
import type { ReactNode } from 'react';
import { sentence } from '../text/format';
import './problem.css';

interface ProblemProps {
  readonly message: string;
  readonly hint?: string;
  readonly testId?: string;
  readonly children?: ReactNode;
}

export function Problem({ message, hint = '', testId = 'error', children }: ProblemProps) {
  return (
    <div className="problem" role="alert" data-testid={testId}>
      <span className="problem__sign" aria-hidden="true">
        !
      </span>
      <p>
        <strong>{sentence(message)}</strong>
        {hint !== '' && <> {hint}</>}
      </p>
      {children}
    </div>
  );
}
