/** Narrows every view of the vocabulary: by text, by pattern, to the watched tokens or to a group. */
import { useId, useMemo } from 'react';
import { oneLine } from '../../engine/protocol';
import type { TokenGroup } from '../run/vocabulary/groups';
import { countOf, parseQuery, queryProblem } from '../run/vocabulary/match';
import { useAppState, useStudio } from '../state/studio-context';
import { grouped } from '../ui/text/format';
import type { TokenFilter } from './use-filter';

interface FilterBoxProps {
  readonly filter: TokenFilter;
  readonly size: number | null;
}

export function FilterBox({ filter, size }: FilterBoxProps) {
  const { store } = useStudio();
  const search = useAppState((state) => state.search);
  const id = useId();
  const problem = queryProblem(parseQuery(search)) ?? filter.problem;
  const shown = useMemo(() => (filter.mask ? countOf(filter.mask) : size), [filter.mask, size]);

  return (
    <search className="filter-box" data-testid="token-search">
      <input
        type="search"
        className="mono"
        aria-label="Find or filter tokens"
        placeholder="text, /pattern/ or #id"
        title="Spaces count. Between slashes it is a regular expression: /^ ?un/i. #1234 is the token of that id"
        value={search}
        maxLength={200}
        spellCheck={false}
        aria-invalid={problem !== null}
        aria-describedby={`${id}-note`}
        onChange={({ target }) => store.setState({ search: target.value })}
      />
      {problem === null ? (
        <p id={`${id}-note`} className="filter-box__note muted" role="status" data-testid="filter-count">
          {shown !== null && size !== null && (
            <>
              {grouped(shown)}
              {filter.mask !== null && <span className="visually-hidden"> of {grouped(size)}</span>}{' '}
              {shown === 1 ? 'token' : 'tokens'}
            </>
          )}
        </p>
      ) : (
        <p
          id={`${id}-note`}
          className="filter-box__note field__problem"
          role="alert"
          data-testid="filter-problem"
        >
          {problem}
        </p>
      )}
    </search>
  );
}

/** All tokens, the watched ones, or a group's. */
export function ScopeSelect({ groups }: { groups: readonly TokenGroup[] }) {
  const { store } = useStudio();
  const scope = useAppState((state) => state.tokenScope);
  const scopes = ['all', 'watched', ...groups.map(({ name }) => `group:${name}`)];
  return (
    <select
      aria-label="Show only"
      data-testid="token-scope"
      value={scopes.includes(scope) ? scope : 'all'}
      onChange={({ target }) => store.setState({ tokenScope: target.value })}
    >
      <option value="all">all tokens</option>
      <option value="watched">watched</option>
      {groups.map(({ name }) => (
        <option key={name} value={`group:${name}`}>
          {oneLine(name)}
        </option>
      ))}
    </select>
  );
}
