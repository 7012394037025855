/** Which tokens the views show: the search's matches, among all, the watched or a group's. */
import { useEffect, useMemo, useState } from 'react';
import type { GroupDefinition } from '../../engine/protocol';
import type { TokenGroup } from '../run/vocabulary/groups';
import { bothMasks, maskOf, parseQuery } from '../run/vocabulary/match';
import { TokenMatcher } from '../run/vocabulary/token-matcher';
import type { WatchedToken } from '../run/vocabulary/watch';
import { useAppState } from '../state/studio-context';
import { useReading } from '../state/use-reading';

const TYPING_MS = 120;
const NO_GROUPS: readonly TokenGroup[] = [];

/** One search worker for a vocabulary, ended with it. */
export function useMatcher(tokens: readonly string[] | null): TokenMatcher | null {
  const [matcher, setMatcher] = useState<TokenMatcher | null>(null);
  useEffect(() => {
    if (tokens === null) return;
    const own = new TokenMatcher(tokens);
    setMatcher(own);
    // In a task of its own: handing over a large vocabulary takes as long as a frame or two.
    const timer = setTimeout(() => own.prepare(), 0);
    return () => {
      clearTimeout(timer);
      setMatcher(null);
      own.close();
    };
  }, [tokens]);
  return matcher;
}

export interface TokenFilter {
  /** 1 for each token that is shown; null shows all. */
  readonly mask: Uint8Array | null;
  /** The search's matches alone, whatever the scope; null where nothing is searched. */
  readonly matches: Uint32Array | null;
  readonly problem: string | null;
}

export function useFilter(
  matcher: TokenMatcher | null,
  size: number,
  groups: readonly TokenGroup[],
  watched: readonly WatchedToken[],
): TokenFilter {
  const input = useAppState((state) => state.search);
  const scope = useAppState((state) => state.tokenScope);
  const query = parseQuery(input);
  const { value, isCurrent } = useReading({
    key: matcher && query ? input : null,
    // Until the new search is done the matches of the one before stay, so that the lists do not blink.
    scope: matcher,
    read: () => matcher!.match(query!),
    delay: TYPING_MS,
  });
  const matches = value && 'ids' in value ? value.ids : null;
  const problem = value && 'problem' in value && isCurrent ? value.problem : null;

  const searchMask = useMemo(() => matches && maskOf(matches, size), [matches, size]);
  const scopeMask = useMemo(() => {
    if (scope === 'watched')
      return maskOf(
        watched.map(({ id }) => id),
        size,
      );
    const group = groups.find(({ name }) => scope === `group:${name}`);
    return group ? maskOf(group.ids, size) : null;
  }, [scope, groups, watched, size]);
  const mask = useMemo(() => bothMasks(searchMask, scopeMask), [searchMask, scopeMask]);
  return { mask, matches, problem };
}

/** Groups by definition, resolved over the vocabulary as the engine would. */
export function useResolvedGroups(
  matcher: TokenMatcher | null,
  definitions: readonly GroupDefinition[],
): readonly TokenGroup[] {
  const { value } = useReading({
    key: matcher && definitions.length > 0 ? JSON.stringify(definitions) : null,
    scope: matcher,
    read: () => Promise.all(definitions.map((each) => resolveGroup(matcher!, each))),
    delay: TYPING_MS,
  });
  return value ?? NO_GROUPS;
}

async function resolveGroup(matcher: TokenMatcher, definition: GroupDefinition): Promise<TokenGroup> {
  const outcome = await matcher.match({ kind: 'group', ...definition });
  const { name } = definition;
  return 'ids' in outcome
    ? { name, ids: Array.from(outcome.ids) }
    : { name, ids: [], problem: outcome.problem };
}
