/** The check of what is typed, worked out once per change of the draft. */
import { useMemo } from 'react';
import { useShallow } from 'zustand/react/shallow';
import type { AppState } from './app-state';
import { checkDraft, type Draft, type DraftCheck } from './draft';
import { useAppState } from './studio-context';

function draftOf(state: AppState): Draft {
  const {
    system,
    prompt,
    promptKind,
    template,
    lanes,
    generation,
    listLength,
    explain,
    groups,
    modelChoice,
  } = state;
  return {
    system,
    prompt,
    promptKind,
    template,
    lanes,
    generation,
    listLength,
    explain,
    groups,
    modelChoice,
  };
}

export function useDraftCheck(): DraftCheck {
  const draft = useAppState(useShallow(draftOf));
  return useMemo(() => checkDraft(draft), [draft]);
}
