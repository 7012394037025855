/** The token groups of the shown run with their members, and those defined since, told from the vocabulary itself. */
import { useMemo } from 'react';
import type { GroupDefinition } from '../../engine/protocol';
import { addedGroups, type TokenGroup } from '../run/vocabulary/groups';
import type { TokenMatcher } from '../run/vocabulary/token-matcher';
import { draftGroups } from '../state/draft';
import { openModelOf } from '../state/model-state';
import { useAppState } from '../state/studio-context';
import { useResolvedGroups } from './use-filter';

export function useGroups(matcher: TokenMatcher | null): readonly TokenGroup[] {
  const named = useAppState((state) => state.run.groups);
  const config = useAppState((state) => state.run.config);
  const model = useAppState(({ model: chosen, run }) => {
    const open = openModelOf(chosen);
    return open?.id === run.model?.id ? open : null;
  });
  const drafts = useAppState((state) => state.groups);

  const known = useMemo<readonly TokenGroup[]>(
    () =>
      named ??
      // Runs from before groups named their members: those of the open model, where it is the same.
      (model?.groups ?? []).map(({ name, tokens }) => ({ name, ids: tokens.map(({ id }) => id) })),
    [named, model],
  );
  const definitions = useMemo<readonly GroupDefinition[]>(() => {
    const own = config?.groups ?? [];
    const written = draftGroups(drafts);
    if (named) return addedGroups(known, own, written);
    const added = addedGroups(known, [], own);
    return [...added, ...addedGroups([...known, ...added], own, written)];
  }, [named, config, known, drafts]);
  const added = useResolvedGroups(matcher, definitions);
  return useMemo(() => [...known, ...added], [known, added]);
}
