/** Which part of a prompt's text is which message's, found by rendering the template with markers in their place. */
import type { ChatMessage } from '../protocol';

/** Part of a text, in UTF-16 units, from `start` up to `end`. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

interface Turn extends Stretch {
  readonly role: ChatMessage['role'];
}

export interface Turns {
  /** What each message holds, in order; one that the template leaves out is missing. */
  readonly contents: readonly Turn[];
  /** The system turn with its markers, a text of the template's own included; null where there is none. */
  readonly system: Stretch | null;
}

/** Messages to their text, without the beginning of an answer where that is said. */
type Render = (messages: readonly ChatMessage[], addsGenerationPrompt: boolean) => string;

/** Letters and digits, so that templates that trim or split leave it whole. */
const marker = (at: number) => `SlotStudioMark${String(at).padStart(6, '0')}End`;
const MARKER = /SlotStudioMark(\d{6})End/;

/**
 * @param render with the prompt's own variables and date @param text what it makes of the messages
 * @returns undefined where the template does more than put the messages, perhaps trimmed, between words of its own
 */
export function findTurns(render: Render, messages: readonly ChatMessage[], text: string): Turns | undefined {
  if (MARKER.test(text)) return undefined;
  const contents = contentsOf(render, messages, text);
  return contents && { contents, system: systemOf(render, messages, contents, text) };
}

function contentsOf(render: Render, messages: readonly ChatMessage[], text: string): Turn[] | undefined {
  const marked = attempt(() =>
    render(
      messages.map((message, at) => ({ ...message, content: marker(at) })),
      true,
    ),
  );
  if (marked === undefined) return undefined;
  const turns: Turn[] = [];
  // Words of the template's and numbers of messages, in turn.
  const [first, ...rest] = marked.split(MARKER) as [string, ...string[]];
  if (!text.startsWith(first)) return undefined;
  let at = first.length;
  for (let i = 0; i < rest.length; i += 2) {
    const message = messages[Number(rest[i])];
    const after = rest[i + 1]!;
    if (!message) return undefined;
    const isLast = i + 2 >= rest.length;
    const content = formsOf(message.content).find((form) => {
      const follows = text.startsWith(form + after, at);
      return follows && (!isLast || at + form.length + after.length === text.length);
    });
    if (content === undefined) return undefined;
    turns.push({ role: message.role, start: at, end: at + content.length });
    at += content.length + after.length;
  }
  return at === text.length ? turns : undefined;
}

/** What templates make of a message's content. */
function formsOf(content: string): string[] {
  return [...new Set([content, content.trim(), content.trimStart(), content.trimEnd()])];
}

/** The template's own system message is what stands where a given one would. */
function systemOf(
  render: Render,
  messages: readonly ChatMessage[],
  contents: readonly Turn[],
  text: string,
): Stretch | null {
  const given = contents.find(({ role }) => role === 'system');
  const own = given ?? templatesSystem(render, messages, contents, text);
  if (!own) return null;
  const content = text.slice(own.start, own.end);
  const alone = attempt(() => render([{ role: 'system', content }], false));
  const isTurn = alone !== undefined && alone.length >= own.end && text.startsWith(alone);
  // Some templates put it into the first user's turn: then it has no markers of its own.
  return isTurn ? { start: 0, end: alone.length } : own;
}

function templatesSystem(
  render: Render,
  messages: readonly ChatMessage[],
  [first]: readonly Turn[],
  text: string,
): Stretch | null {
  if (!first || messages.some(({ role }) => role === 'system')) return null;
  const marked = attempt(() =>
    render(
      [
        { role: 'system', content: marker(0) },
        ...messages.map((message, at) => ({ ...message, content: marker(at + 1) })),
      ],
      true,
    ),
  );
  const [before, , after] = marked?.split(MARKER) ?? [];
  if (before === undefined || after === undefined) return null;
  const start = before.length;
  const end = first.start - after.length;
  const stands = text.startsWith(before) && text.slice(0, first.start).endsWith(after) && end >= start;
  return stands ? { start, end } : null;
}

/** Undefined where the template refuses the messages. */
function attempt(render: () => string): string | undefined {
  try {
    return render();
  } catch {
    return undefined;
  }
}
