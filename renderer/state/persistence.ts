/** Remembers the persistent part of the state across reloads, and forgives whatever it finds there. */
import { type AppState, KEY_RULES, STATE_KEYS } from './app-state';

export const STORAGE_KEY = 'slot-studio:state';

/** Each key stands for itself: a broken one falls back to its default, the others are kept. */
export function parseRemembered(text: string | null): Partial<AppState> {
  const remembered = readObject(text);
  const entries = STATE_KEYS.flatMap((key) => {
    const schema = KEY_RULES[key].persists;
    if (!schema || !Object.hasOwn(remembered, key)) return [];
    const parsed = schema.safeParse(remembered[key]);
    return parsed.success ? [[key, parsed.data] as const] : [];
  });
  // Each value was checked by the schema that KEY_RULES ties to its key.
  return Object.fromEntries(entries) as Partial<AppState>;
}

export function serialise(state: AppState): string {
  const entries = STATE_KEYS.filter((key) => KEY_RULES[key].persists).map((key) => [key, state[key]]);
  return JSON.stringify(Object.fromEntries(entries));
}

export function loadState(storage: Pick<Storage, 'getItem'>): Partial<AppState> {
  try {
    return parseRemembered(storage.getItem(STORAGE_KEY));
  } catch {
    return {};
  }
}

/** Storage may be full or forbidden; then the window works on without memory. */
export function saveState(storage: Pick<Storage, 'setItem'>, state: AppState): void {
  try {
    storage.setItem(STORAGE_KEY, serialise(state));
  } catch {}
}

function readObject(text: string | null): Record<string, unknown> {
  if (text === null) return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
