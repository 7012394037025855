/** What a turn asks of the engine: each lane with its own history. */
import type { LaneSettings, Prompt, RunConfig } from '../../engine/protocol';
import { type Conversation, messagesFor } from '../run/conversation';
import type { Draft, RunSettings } from './draft';

/**
 * A run of some lanes' answers to one turn.
 * @param settings of the whole draft, lanes in its order
 */
export function turnConfig(
  settings: RunSettings,
  { system, lanes }: Pick<Draft, 'system' | 'lanes'>,
  conversation: Conversation,
  turn: number,
  asked: readonly string[],
): RunConfig {
  const entries = lanes.flatMap(({ id }, index) => {
    const lane = settings.lanes[index];
    if (!lane || !asked.includes(id)) return [];
    const forcedPrefix = conversation.turns[turn]?.answers[id]?.start ?? [];
    return [{ lane: { ...lane, forcedPrefix }, prompt: promptFor(conversation, system, id, turn) }];
  });
  const [first] = entries;
  if (!first) throw new Error('no lane is asked');
  const shared = JSON.stringify(first.prompt);
  return {
    ...settings,
    prompt: first.prompt,
    lanes: entries.map(
      ({ lane, prompt }): LaneSettings => (JSON.stringify(prompt) === shared ? lane : { ...lane, prompt }),
    ),
  };
}

function promptFor(conversation: Conversation, system: string, lane: string, turn: number): Prompt {
  if (conversation.kind === 'raw') return { kind: 'raw', text: conversation.turns[turn]?.user ?? '' };
  return { kind: 'chat', messages: messagesFor(conversation, system, lane, turn) };
}
