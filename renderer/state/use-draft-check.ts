/** The check of what is typed, worked out once per change of the draft for all who ask. */
import type { AppState } from './app-state';
import { checkDraft, DEFAULT_DRAFT, type Draft, type DraftCheck } from './draft';
import type { AppStore } from './store';
import { useAppState, useStudio } from './studio-context';

const KEYS = Object.keys(DEFAULT_DRAFT) as (keyof Draft)[];
const checked = new WeakMap<AppStore, { readonly draft: Draft; readonly check: DraftCheck }>();

/** Asked by every field at every event. */
function checkOf(store: AppStore, state: AppState): DraftCheck {
  const known = checked.get(store);
  if (known && KEYS.every((key) => known.draft[key] === state[key])) return known.check;
  // Each key of a draft is one of the state's, of the same type.
  const draft = Object.fromEntries(KEYS.map((key) => [key, state[key]])) as unknown as Draft;
  const check = checkDraft(draft);
  checked.set(store, { draft, check });
  return check;
}

export function useDraftCheck(): DraftCheck {
  const { store } = useStudio();
  return useAppState((state) => checkOf(store, state));
}
