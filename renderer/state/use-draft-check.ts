/** The check of what is typed, worked out once per change of the draft. */
import { useMemo } from 'react';
import { useShallow } from 'zustand/react/shallow';
import type { AppState } from './app-state';
import { checkDraft, DEFAULT_DRAFT, type Draft, type DraftCheck } from './draft';
import { useAppState } from './studio-context';

const KEYS = Object.keys(DEFAULT_DRAFT) as (keyof Draft)[];

/** Of the state what a draft holds. */
function draftOf(state: AppState): Draft {
  // Each key of a draft is one of the state's, of the same type.
  return Object.fromEntries(KEYS.map((key) => [key, state[key]])) as unknown as Draft;
}

export function useDraftCheck(): DraftCheck {
  const draft = useAppState(useShallow(draftOf));
  return useMemo(() => checkDraft(draft), [draft]);
}
