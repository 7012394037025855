/** The window's one store, filled from what was remembered and remembered again when it changes. */
import { createStore, type StoreApi } from 'zustand/vanilla';
import { type AppState, INITIAL_STATE, KEY_RULES, STATE_KEYS } from './app-state';
import { loadState, saveState } from './persistence';

export type AppStore = StoreApi<AppState>;

export function createAppStore(remembered: Partial<AppState> = {}): AppStore {
  return createStore<AppState>(() => ({ ...INITIAL_STATE, ...remembered }));
}

const SAVE_DELAY_MS = 250;
const PERSISTENT_KEYS = STATE_KEYS.filter((key) => KEY_RULES[key].persists);

/** A store that survives reloads of the page. */
export function createPersistentStore(page: Window): AppStore {
  const store = createAppStore(loadState(page.localStorage));
  let timer: number | null = null;
  const save = () => {
    if (timer === null) return;
    page.clearTimeout(timer);
    timer = null;
    saveState(page.localStorage, store.getState());
  };
  store.subscribe((state, before) => {
    if (PERSISTENT_KEYS.every((key) => state[key] === before[key])) return;
    timer ??= page.setTimeout(save, SAVE_DELAY_MS);
  });
  page.addEventListener('pagehide', save);
  return store;
}
