/** While something of a job is read: that it is, or why not, with a way to try again. */
import type { Reading } from '../state/use-reading';
import { Problem } from '../ui/parts/problem';

export function ReadingProblem({ reading, what }: { reading: Reading<unknown>; what: string }) {
  const { failure, retry } = reading;
  if (!failure) return <p className="evaluate__empty muted">{what}</p>;
  return (
    <Problem message={failure.message} hint={failure.hint} code={failure.code}>
      <button type="button" className="button" onClick={retry}>
        Try again
      </button>
    </Problem>
  );
}
