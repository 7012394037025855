/** A conversation that lanes hold side by side: user turns in common, answers and so histories of each lane's own. */
import { z } from 'zod';
import type { ChatMessage } from '../../engine/protocol';
import type { LaneView, RunView } from './run-view';

const MAX_TEXT_LENGTH = 1_000_000;

export const Answer = z.object({
  /** The run that wrote it; null where only its text is known. */
  runId: z.string().nullable(),
  /** The lane's name in that run. */
  lane: z.string(),
  /** Null until it has ended, and for a lane that failed. */
  text: z.string().max(MAX_TEXT_LENGTH).nullable(),
  /** Token ids that it was told to begin with. */
  start: z.array(z.int().min(0)).max(65_536),
});
export type Answer = z.infer<typeof Answer>;

export const Turn = z.object({
  id: z.string(),
  user: z.string().max(MAX_TEXT_LENGTH),
  /** By the lane's id. */
  answers: z.record(z.string(), Answer),
});
export type Turn = z.infer<typeof Turn>;

export const Conversation = z.object({
  kind: z.enum(['chat', 'raw']),
  turns: z.array(Turn).max(1000),
});
export type Conversation = z.infer<typeof Conversation>;

export const NO_CONVERSATION: Conversation = { kind: 'chat', turns: [] };

/** What a lane reads before it answers: its own history. Turns that it has not answered are no part of it. */
export function messagesFor(
  { turns }: Conversation,
  system: string,
  lane: string,
  turn: number,
): ChatMessage[] {
  const asked = turns[turn];
  if (!asked) throw new Error(`no turn ${turn}`);
  const history = turns.slice(0, turn).flatMap((earlier): ChatMessage[] => {
    const text = earlier.answers[lane]?.text ?? null;
    if (text === null) return [];
    return [
      { role: 'user', content: earlier.user },
      { role: 'assistant', content: text },
    ];
  });
  const first: ChatMessage[] = system.trim() === '' ? [] : [{ role: 'system', content: system }];
  return [...first, ...history, { role: 'user', content: asked.user }];
}

/** The lanes ask anew: their answers to this turn are open, later turns are gone where `drop` says so. */
export function askTurn(
  conversation: Conversation,
  turn: number,
  lanes: readonly { readonly id: string; readonly name: string }[],
  runId: string,
): Conversation {
  const turns = conversation.turns.map((each, index) => {
    if (index !== turn) return each;
    const open = lanes.map(({ id, name }): [string, Answer] => [
      id,
      { runId, lane: name, text: null, start: each.answers[id]?.start ?? [] },
    ]);
    return { ...each, answers: { ...each.answers, ...Object.fromEntries(open) } };
  });
  return { ...conversation, turns };
}

/** Takes over the texts that a run has brought to their end; the same object where there is nothing new. */
export function recordAnswers(conversation: Conversation, view: RunView): Conversation {
  let changed = false;
  const turns = conversation.turns.map((turn) => {
    const entries = Object.entries(turn.answers).map(([id, answer]): [string, Answer] => {
      if (answer.runId !== view.runId) return [id, answer];
      const text = finalText(view.lanes.find((lane) => lane.name === answer.lane));
      if (text === null || text === answer.text) return [id, answer];
      changed = true;
      return [id, { ...answer, text: text.slice(0, MAX_TEXT_LENGTH) }];
    });
    return changed ? { ...turn, answers: Object.fromEntries(entries) } : turn;
  });
  return changed ? { ...conversation, turns } : conversation;
}

/** Null while a lane may write on, and where it has written nothing. */
function finalText(lane: LaneView | undefined): string | null {
  if (!lane) return null;
  if (lane.end) return lane.end.text === '' && lane.end.reason === 'cancelled' ? null : lane.end.text;
  // The engine was gone before it could end the lane.
  if (lane.state !== 'stopped' || lane.tokens.length === 0) return null;
  return lane.tokens.map(({ text }) => text).join('');
}

/** The runs that the answers come from, newest turn first. */
export function runsOf({ turns }: Conversation): string[] {
  const ids = turns
    .toReversed()
    .flatMap(({ answers }) => Object.values(answers).map(({ runId }) => runId))
    .filter((runId) => runId !== null);
  return [...new Set(ids)];
}

/** A copy of one lane's answers under another lane's id, up to and including turn `upTo`. */
export function copyAnswers(
  conversation: Conversation,
  from: string,
  to: string,
  upTo = Number.POSITIVE_INFINITY,
): Conversation {
  const turns = conversation.turns.map((turn, index) => {
    const answer = turn.answers[from];
    return answer && index <= upTo ? { ...turn, answers: { ...turn.answers, [to]: answer } } : turn;
  });
  return { ...conversation, turns };
}

/** What a stored run alone says of its conversation: earlier turns as texts, the last one with its tokens. */
export function conversationOfRun({ runId, config, lanes }: RunView): Conversation {
  if (!config) return NO_CONVERSATION;
  if (config.prompt.kind === 'raw') {
    const turn = { id: `${runId}-0`, user: config.prompt.text, answers: lastAnswers() };
    return { kind: 'raw', turns: [turn] };
  }
  const histories = lanes.map((lane): [string, readonly Exchange[]] => {
    const prompt = lane.settings.prompt ?? config.prompt;
    return [lane.name, prompt.kind === 'chat' ? exchanges(prompt.messages) : []];
  });
  const longest = histories.reduce<readonly Exchange[]>(
    (most, [, history]) => (history.length > most.length ? history : most),
    exchanges(config.prompt.messages),
  );
  const turns = longest.map(({ user }, index): Turn => {
    const isLast = index === longest.length - 1;
    const earlier = histories.flatMap(([lane, history]): [string, Answer][] => {
      // Histories are aligned at their ends: a lane that joined late lacks the first turns.
      const text = history[index - longest.length + history.length]?.assistant;
      return text === undefined ? [] : [[lane, { runId: null, lane, text, start: [] }]];
    });
    return { id: `${runId}-${index}`, user, answers: isLast ? lastAnswers() : Object.fromEntries(earlier) };
  });
  return { kind: 'chat', turns };

  function lastAnswers(): Record<string, Answer> {
    return Object.fromEntries(
      lanes.map((lane) => [
        lane.name,
        { runId, lane: lane.name, text: finalText(lane), start: lane.settings.forcedPrefix },
      ]),
    );
  }
}

interface Exchange {
  readonly user: string;
  readonly assistant: string | undefined;
}

function exchanges(messages: readonly ChatMessage[]): Exchange[] {
  return messages.flatMap((message, index) => {
    if (message.role !== 'user') return [];
    const next = messages[index + 1];
    return [{ user: message.content, assistant: next?.role === 'assistant' ? next.content : undefined }];
  });
}
