/**
 * A conversation as one file: a line with its turns, lanes and settings, and after it the events of its runs, line by line
 * as they are stored. Whatever comes in is of unknown origin.
 */
import { z } from 'zod';
import { badInput, type EngineError, MAX_LANES } from '../../engine/protocol';
import { Conversation } from '../run/conversation';
import type { AppState } from './app-state';
import { GenerationDraft, PromptKind } from './draft';
import { GroupDraft } from './group-draft';
import { LaneDraft } from './lanes';
import { TemplateDraft } from './template-draft';

const VERSION = 1;
const MAX_TEXT_LENGTH = 1_000_000;
const Text = z.string().max(MAX_TEXT_LENGTH);

/** What a conversation is held with, but for the model. */
const SETTINGS = {
  system: Text,
  prompt: Text,
  promptKind: PromptKind,
  template: TemplateDraft,
  lanes: z
    .array(LaneDraft)
    .min(1)
    .max(MAX_LANES)
    .refine((lanes) => areNames(lanes.map(({ id }) => id)), 'lanes that cannot be told apart'),
  generation: GenerationDraft,
  listLength: Text,
  explain: Text,
  groups: z.array(GroupDraft).max(50),
} as const;
export const CONVERSATION_KEYS = Object.keys(SETTINGS) as (keyof typeof SETTINGS)[];

const Held = z.object({
  ...SETTINGS,
  conversation: Conversation.refine(
    ({ turns }) => turns.length > 0 && areNames(turns.map(({ id }) => id)),
    'turns that cannot be told apart',
  ),
});
/** A conversation with what it is held with. */
export type HeldConversation = z.infer<typeof Held>;

const Head = Held.extend({ type: z.literal('conversation'), v: z.literal(VERSION) });

/** Each once, and none that an object has by itself. */
function areNames(names: readonly string[]): boolean {
  return new Set(names).size === names.length && names.every((name) => !(name in {}));
}

const BEGINNING = /^\s*\{\s*"type"\s*:\s*"conversation"/;
const RUN_BEGINS = /^\{"type":"run\.started"/;

export function isConversationFile(text: string): boolean {
  return BEGINNING.test(text);
}

/** The first line of the file; runs' lines follow it. */
export function writeHead(state: Pick<AppState, keyof HeldConversation>): string {
  const settings = Object.fromEntries(CONVERSATION_KEYS.map((key) => [key, state[key]]));
  return `${JSON.stringify({ type: 'conversation', v: VERSION, ...settings, conversation: state.conversation })}\n`;
}

export interface ConversationFile {
  readonly held: HeldConversation;
  /** The lines of each run, not looked into. */
  readonly runs: readonly string[];
}

/** @throws EngineError `newer-conversation`, `not-a-conversation` */
export function readConversationFile(text: string): ConversationFile {
  const [first = '', ...lines] = text.trimStart().split(/(?<=\n)/);
  const runs: string[] = [];
  for (const line of lines) {
    if (RUN_BEGINS.test(line) || runs.length === 0) runs.push(line);
    else runs[runs.length - 1] += line;
  }
  return { held: readHead(first), runs: runs.filter((run) => run.trim() !== '') };
}

function readHead(line: string): HeldConversation {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    throw notAConversation('its first line is not JSON');
  }
  const version = typeof json === 'object' && json !== null ? Reflect.get(json, 'v') : undefined;
  if (typeof version === 'number' && version > VERSION)
    throw badInput(
      'newer-conversation',
      `the conversation was written in format ${version}, this version reads ${VERSION}`,
      'Update SLOT Studio to open it.',
    );
  const parsed = Head.safeParse(json);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    throw notAConversation(`${path.join('.')}: ${message}`);
  }
  const { type: _, v: __, ...held } = parsed.data;
  return held;
}

function notAConversation(why: string): EngineError {
  return badInput('not-a-conversation', why, 'Import a conversation that SLOT Studio exported.');
}

/** Which run each answer is of, by the ids that the runs have here; of others the text is left. */
export function withRunIds(conversation: Conversation, ids: ReadonlyMap<string, string>): Conversation {
  const turns = conversation.turns.map((turn) => {
    const answers = Object.entries(turn.answers).map(
      ([lane, answer]) =>
        [lane, { ...answer, runId: answer.runId === null ? null : (ids.get(answer.runId) ?? null) }] as const,
    );
    return { ...turn, answers: Object.fromEntries(answers) };
  });
  return { ...conversation, turns };
}
