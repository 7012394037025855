/** Carries a conversation from one installation to another: its file written, and taken in beside what is here. */
import { MAX_IMPORT_BYTES, oneLine } from '../../../engine/protocol';
import type { EngineClient } from '../../engine/engine-client';
import { runsOf } from '../../run/conversation';
import { isRunning, type RunView } from '../../run/run-view';
import { count } from '../../ui/text/format';
import type { AppState } from '../app-state';
import {
  CONVERSATION_KEYS,
  type ConversationFile,
  type HeldConversation,
  withRunIds,
  writeHead,
} from '../conversation-file';
import { ownRun, showing, shownRun } from '../shown-run';
import type { AppStore } from '../store';
import { undoToast } from '../undo';
import type { StoredRuns } from './stored-runs';

interface WrittenConversation {
  readonly parts: readonly string[];
  readonly turns: number;
  readonly runs: number;
  readonly bytes: number;
  /** Too large to be imported again with the others, or not stored. */
  readonly leftOut: number;
}

export interface Carrying {
  /** The conversation that is held, with the events of its runs, newest first, as far as they can be imported again. */
  conversationFile(): Promise<WrittenConversation>;
  /** Takes its place beside what is here: runs get new ids where theirs are taken by others. Rejects with an EngineError. */
  takeIn(file: ConversationFile, name: string): Promise<void>;
}

type Stored = Pick<StoredRuns, 'read' | 'lines' | 'refresh'>;

export function createCarrying(
  client: Pick<EngineClient, 'request'>,
  store: AppStore,
  stored: Stored,
): Carrying {
  return {
    conversationFile: () => writeConversation(store.getState(), stored),
    async takeIn({ held, runs }, file) {
      refuseWhileRunning(store);
      const name = oneLine(file, 200);
      const { ids, views } = await importRuns(client, stored, runs, name);
      await stored.refresh();
      refuseWhileRunning(store);
      show(store, { ...held, conversation: withRunIds(held.conversation, ids) }, views, runs.length, name);
    },
  };
}

function refuseWhileRunning({ getState }: AppStore): void {
  if (isRunning(shownRun(getState()))) throw new Error('a run is on; cancel it or wait for its end');
}

async function writeConversation(state: AppState, { lines }: Stored): Promise<WrittenConversation> {
  const head = writeHead(state);
  const runs = runsOf(state.conversation);
  const parts: string[] = [];
  let bytes = size(head);
  for (const runId of runs) {
    const text = await lines(runId).catch(() => null);
    if (text === null || bytes + size(text) > MAX_IMPORT_BYTES) continue;
    bytes += size(text);
    parts.push(text);
  }
  const { length } = state.conversation.turns;
  const leftOut = runs.length - parts.length;
  return { parts: [head, ...parts], turns: length, runs: parts.length, bytes, leftOut };
}

/** @returns the runs' ids here by those in the file, and what they are */
async function importRuns(
  client: Pick<EngineClient, 'request'>,
  { read, lines }: Stored,
  runs: readonly string[],
  name: string,
) {
  const ids = new Map<string, string>();
  const views = new Map<string, RunView>();
  const importRun = async (text: string, id: string | null): Promise<string> => {
    // The same run may be here already.
    if (id !== null && (await lines(id).catch(() => null)) === text) return id;
    const { runId } = await client.request('runs.import', { text });
    await client.request('runs.label', { runId, labels: { tags: [], note: `Imported with ${name}.` } });
    return runId;
  };
  for (const text of runs) {
    const id = idOf(text);
    try {
      const runId = await importRun(text, id);
      views.set(runId, (await read(runId)).view);
      if (id !== null) ids.set(id, runId);
    } catch {
      // Counted: the conversation is of use without it.
    }
  }
  return { ids, views };
}

/** @param runs how many the file has */
function show(
  store: AppStore,
  held: HeldConversation,
  views: ReadonlyMap<string, RunView>,
  runs: number,
  name: string,
): void {
  const { conversation } = held;
  const lost = runs - views.size;
  const without = lost > 0 ? ` ${count(lost, 'run')} could not be read: their answers are texts.` : '';
  const words = `${count(conversation.turns.length, 'turn')}, ${count(views.size, 'run')}`;
  const undo = undoToast(
    store,
    () => {},
    `The conversation of ${name} is here: ${words}.${without}`,
    CONVERSATION_KEYS,
  );
  const runViews = { ...store.getState().runViews, ...Object.fromEntries(views) };
  store.setState({
    ...held,
    ...showing(ownRun(runsOf(conversation)[0] ?? null), { runViews, conversation }),
    ...undo,
    turnEdit: null,
    inspected: null,
    pinned: null,
    selectedStep: null,
    shiftLane: null,
    dialog: null,
    room: 'workbench',
  });
}

/** Null for lines that begin no run: the engine says what is wrong with them. */
function idOf(lines: string): string | null {
  try {
    const first: unknown = JSON.parse(lines.slice(0, lines.indexOf('\n')));
    const id: unknown = typeof first === 'object' && first !== null ? Reflect.get(first, 'runId') : null;
    return typeof id === 'string' ? id : null;
  } catch {
    return null;
  }
}

function size(text: string): number {
  return new Blob([text]).size;
}
