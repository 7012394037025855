/** Every change of lanes, groups and template variables, to be taken back and done again. */
import type { AppState } from './app-state';
import type { AppStore } from './store';
import { newToast } from './toast';

const KEYS = ['lanes', 'groups', 'template'] as const;
type Parts = Pick<AppState, (typeof KEYS)[number]>;

export interface Edits {
  undo(): void;
  redo(): void;
  close(): void;
}

interface Edit {
  /** What it brings back. */
  readonly parts: Parts;
  readonly what: string;
  /** The field that it changed; null where it changed more than one. */
  readonly field: string | null;
  readonly at: number;
}

const MAX_EDITS = 200;
/** What is typed into one field without such a pause is one edit; milliseconds. */
const PAUSE = 1000;

export function createEdits(store: AppStore, now: () => number): Edits {
  const { setState } = store;
  let done: readonly Edit[] = [];
  let undone: readonly Edit[] = [];

  function follow(state: AppState, before: AppState): void {
    if (isSame(state, before)) return;
    if (hasOwnWayBack(state, before)) {
      done = [];
      undone = [];
    } else if (isSame(state, done.at(-1)?.parts)) {
      // By whatever way: a toast's Undo goes back too.
      undone = [...undone, { ...done.at(-1)!, parts: partsOf(before) }];
      done = done.slice(0, -1);
    } else if (isSame(state, undone.at(-1)?.parts)) {
      done = [...done, { ...undone.at(-1)!, parts: partsOf(before) }];
      undone = undone.slice(0, -1);
    } else {
      const edit = { ...describe(before, state), parts: partsOf(before), at: now() };
      const last = done.at(-1);
      const goesOn = edit.field !== null && edit.field === last?.field && edit.at - last.at < PAUSE;
      done = goesOn ? [...done.slice(0, -1), { ...last, at: edit.at }] : [...done, edit].slice(-MAX_EDITS);
      undone = [];
    }
    setState({ edits: { undo: done.at(-1)?.what ?? null, redo: undone.at(-1)?.what ?? null } });
  }
  const close = store.subscribe(follow);

  const undo = () => {
    const edit = done.at(-1);
    if (!edit) return;
    setState({ ...edit.parts, toast: newToast('done', `Undone: ${edit.what}.`, { action: again }) });
  };
  const redo = () => {
    const edit = undone.at(-1);
    if (edit) setState({ ...edit.parts, toast: newToast('done', `Done again: ${edit.what}.`) });
  };
  const again = { name: 'Redo', run: redo };
  return { undo, redo, close };

  function partsOf({ lanes, groups, template }: AppState): Parts {
    return { lanes, groups, template };
  }
}

function isSame(state: Parts, other: Parts | undefined): boolean {
  return other !== undefined && KEYS.every((key) => state[key] === other[key]);
}

/** What changes the prompt or takes turns away besides is undone as a whole, by its own toast. */
function hasOwnWayBack(state: AppState, before: AppState): boolean {
  const turns = state.conversation.turns.map(({ id }) => id);
  const isOther = before.conversation.turns.some(({ id }, at) => turns[at] !== id);
  return isOther || state.prompt !== before.prompt || state.system !== before.system;
}

const FIELD_WORDS: Readonly<Record<string, string>> = {
  lr: 'learning rate',
  weightDecay: 'weight decay',
  learning: 'what it learns from, and how',
  origin: 'delta',
};

function describe(before: Parts, after: Parts): Pick<Edit, 'what' | 'field'> {
  const { lanes } = after;
  if (lanes !== before.lanes) {
    const list = listWords('lane', before.lanes, lanes, ({ id }) => id);
    if (list !== null) return { what: list, field: null };
    const at = lanes.findIndex((lane, index) => lane !== before.lanes[index]);
    // A name that is made of settings follows them.
    const changed = changedKeys(lanes[at], before.lanes[at]).toSorted((a) => (a === 'name' ? 1 : -1));
    const key = changed[0] ?? 'settings';
    return {
      what: `${FIELD_WORDS[key] ?? key} of ${before.lanes[at]?.name.trim() || 'a lane'}`,
      field: `lanes.${lanes[at]?.id}.${key}`,
    };
  }
  if (after.groups !== before.groups) {
    const { groups } = after;
    const list = listWords('group', before.groups, groups, (_, index) => index);
    if (list !== null) return { what: list, field: null };
    const at = groups.findIndex((group, index) => group !== before.groups[index]);
    const [key = 'words'] = changedKeys(groups[at], before.groups[at]);
    return { what: `${key} of group ${at + 1}`, field: `groups.${at}.${key}` };
  }
  const list = listWords(
    'template variable',
    before.template.variables,
    after.template.variables,
    (_, at) => at,
  );
  return list === null ? { what: 'template variables', field: 'template' } : { what: list, field: null };
}

/** Null where both lists have the same entries in the same order. */
function listWords<T>(
  kind: string,
  before: readonly T[],
  after: readonly T[],
  idOf: (entry: T, index: number) => unknown,
): string | null {
  const ids = before.map(idOf);
  const next = after.map(idOf);
  if (next.length !== ids.length) return `${kind} ${next.length > ids.length ? 'added' : 'removed'}`;
  return next.some((id, at) => id !== ids[at]) ? `${kind} moved` : null;
}

function changedKeys(after: object | undefined, before: object | undefined): string[] {
  const was = new Map(Object.entries(before ?? {}));
  return Object.entries(after ?? {}).flatMap(([key, value]) => (was.get(key) === value ? [] : [key]));
}
