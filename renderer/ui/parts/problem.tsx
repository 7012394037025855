/** An error where it happened: what is wrong, what to do, and optionally a button that does it. */
import type { ReactNode } from 'react';
import { sentence } from '../text/format';
import './problem.css';

interface ProblemProps {
  readonly message: string;
  readonly hint?: string;
  /** What docs/troubleshooting.md has it under. */
  readonly code?: string;
  readonly testId?: string;
  readonly children?: ReactNode;
}

/** Behind the words that it belongs to. */
export function ProblemCode({ code }: { code: string }) {
  return <code className="problem__code"> {code}</code>;
}

export function Problem({ message, hint = '', code, testId = 'error', children }: ProblemProps) {
  return (
    <div className="problem" role="alert" data-testid={testId}>
      <span className="problem__sign" aria-hidden="true">
        !
      </span>
      <p>
        <strong>{sentence(message)}</strong>
        {hint !== '' && <> {hint}</>}
        {code !== undefined && <ProblemCode code={code} />}
      </p>
      {children}
    </div>
  );
}
