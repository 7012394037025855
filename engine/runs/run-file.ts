/** A run's JSON Lines: read strictly when they come from outside, leniently when our own writing was cut off. */
import {
  badInput,
  cut,
  endsRun,
  type RunEvent,
  RunEvent as RunEventSchema,
  type RunSummary,
  SCHEMA_VERSION,
} from '../protocol';

const PROMPT_LENGTH = 300;
const INTERRUPTED = 'interrupted';

/** How a run ends whose engine stopped before it did. */
export const INTERRUPTION: RunEvent = {
  type: 'run.failed',
  kind: 'failure',
  code: INTERRUPTED,
  message: 'The engine stopped before the run did.',
  hint: 'What arrived before is here.',
};

export function encodeEvent(event: RunEvent): string {
  return `${JSON.stringify(event)}\n`;
}

/**
 * A whole run from a file of unknown origin.
 * @throws EngineError that says which line is wrong and why
 */
export function parseRunFile(text: string): RunEvent[] {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  const events = lines.map((line, i) => parseLine(line, i + 1));
  const first = events[0];
  if (first?.type !== 'run.started') throw notARun(1, 'a run begins with "run.started"');
  const again = events.findIndex((event, i) => i > 0 && event.type === 'run.started');
  if (again > 0) throw notARun(again + 1, 'a second run begins here; import one run at a time');
  const end = events.findIndex(endsRun);
  if (end < 0) throw notARun(lines.length, 'the file ends before the run does: it is truncated');
  if (end < events.length - 1) throw notARun(end + 2, 'there is more after the end of the run');
  return events;
}

/** The events that were written whole, and an end where the engine did not live to write one. */
export function parseOwnFile(text: string): RunEvent[] {
  const events: RunEvent[] = [];
  for (const [i, line] of text.split('\n').entries()) {
    try {
      events.push(parseLine(line, i + 1));
    } catch {
      break;
    }
  }
  const last = events.at(-1);
  return !last || endsRun(last) ? events : [...events, INTERRUPTION];
}

export function summarise(events: readonly RunEvent[]): Omit<RunSummary, 'tags' | 'note'> | undefined {
  const [started] = events;
  const last = events.at(-1);
  if (started?.type !== 'run.started' || !last) return undefined;
  const { runId, at, model, config } = started;
  const { prompt } = config;
  const text =
    prompt.kind === 'raw'
      ? prompt.text
      : (prompt.messages.findLast(({ role }) => role === 'user')?.content ?? '');
  return {
    runId,
    at,
    model: model.id,
    prompt: cut(text, PROMPT_LENGTH),
    lanes: config.lanes.map(({ name, preset, steps, lr }) => ({ name, preset, steps, lr })),
    outcome: outcomeOf(last),
    tokens: events.reduce((count, event) => (event.type === 'token' ? count + 1 : count), 0),
  };
}

function outcomeOf(last: RunEvent): RunSummary['outcome'] {
  switch (last.type) {
    case 'run.done':
      return 'done';
    case 'run.cancelled':
      return 'cancelled';
    case 'run.failed':
      return last.code === INTERRUPTED ? 'interrupted' : 'failed';
    default:
      return 'interrupted';
  }
}

function parseLine(line: string, number: number): RunEvent {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    throw notARun(number, 'it is not JSON');
  }
  const version = typeof json === 'object' && json !== null ? Reflect.get(json, 'v') : undefined;
  if (typeof version === 'number' && version > SCHEMA_VERSION) {
    throw badInput(
      'newer-run',
      `line ${number}: the run was written in format ${version}, this version reads ${SCHEMA_VERSION}`,
      'Update SLOT Studio to open it.',
    );
  }
  const parsed = RunEventSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  throw notARun(number, path.length > 0 ? `${path.join('.')}: ${message}` : message);
}

function notARun(line: number, why: string) {
  return badInput(
    'not-a-run',
    `line ${line}: ${why}`,
    'Import a run that SLOT Studio exported as JSON Lines.',
  );
}
