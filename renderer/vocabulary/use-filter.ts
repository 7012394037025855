/** Which tokens the views show: the search's matches, among all, the watched or a group's. */
import { useEffect, useMemo, useState } from 'react';
import type { GroupDefinition } from '../../engine/protocol';
import type { TokenGroup } from '../run/vocabulary/groups';
import { bothMasks, maskOf, parseQuery, type Query } from '../run/vocabulary/match';
import { type MatchOutcome, TokenMatcher } from '../run/vocabulary/token-matcher';
import type { WatchedToken } from '../run/vocabulary/watch';
import { useAppState } from '../state/studio-context';

const TYPING_MS = 120;

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

interface Found {
  readonly matcher: TokenMatcher;
  readonly input: string;
  readonly outcome: MatchOutcome;
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
  const [found, setFound] = useState<Found | null>(null);

  useEffect(() => {
    const query = parseQuery(input);
    if (matcher === null || query === null) return;
    let current = true;
    const timer = setTimeout(() => {
      void matcher.match(query).then((outcome) => current && setFound({ matcher, input, outcome }));
    }, TYPING_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [matcher, input]);

  // Until the new search is done the matches of the one before stay, so that the lists do not blink.
  const outcome = input !== '' && found?.matcher === matcher ? found?.outcome : undefined;
  const matches = outcome && 'ids' in outcome ? outcome.ids : null;
  const problem = outcome && 'problem' in outcome && found?.input === input ? outcome.problem : null;

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
  const [groups, setGroups] = useState<readonly TokenGroup[]>([]);
  const key = JSON.stringify(definitions);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key says all that the definitions do
  useEffect(() => {
    if (matcher === null || definitions.length === 0) {
      setGroups([]);
      return;
    }
    let current = true;
    const queries = definitions.map((members): Query => ({ kind: 'group', ...members }));
    const timer = setTimeout(() => {
      void Promise.all(queries.map((query) => matcher.match(query))).then((outcomes) => {
        if (!current) return;
        setGroups(
          outcomes.map((outcome, i) => {
            const { name } = definitions[i]!;
            return 'ids' in outcome
              ? { name, ids: Array.from(outcome.ids) }
              : { name, ids: [], problem: outcome.problem };
          }),
        );
      });
    }, TYPING_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [matcher, key]);
  return groups;
}
