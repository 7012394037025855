/** The token groups of the shown run with their members, and those defined since, told from the vocabulary itself. */

import { useMemo } from 'react';
import type { GroupDefinition } from '../../engine/protocol';
import { addedGroups, type TokenGroup } from '../run/vocabulary/groups';
import type { TokenMatcher } from '../run/vocabulary/token-matcher';
import { draftGroups } from '../state/group-draft';
import { openModelOf } from '../state/model-state';
import { useAppState } from '../state/studio-context';
import { useShownRun } from '../state/use-shown-run';
import { useResolvedGroups } from './use-filter';

export function useGroups(matcher: TokenMatcher | null): readonly TokenGroup[] {
  const named = useShownRun((run) => run.groups);
  const config = useShownRun((run) => run.config);
  const own = useShownRun((run) => run.model?.id);
  const model = useAppState((state) => {
    const open = openModelOf(state.model);
    return open?.id === own ? open : null;
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
