/** A run's JSON Lines: read strictly when they come from outside, leniently when they are our own. */

import { setImmediate } from 'node:timers/promises';
import type { Line } from '../files/lines';
import {
  badInput,
  EngineError,
  endsRun,
  type RunEvent,
  RunEvent as RunEventSchema,
  SCHEMA_VERSION,
} from '../protocol';
import { inThisFormat } from './older-formats';

export const INTERRUPTED = 'interrupted';
/** The notice that stands where lines cannot be read. */
export const GAP = 'gap';

/** Events; most take a tenth of a millisecond, those of long lists some milliseconds. */
const PIECE = 100;

/** How a run ends whose engine stopped before it did. */
const INTERRUPTION: RunEvent = {
  type: 'run.failed',
  kind: 'failure',
  code: INTERRUPTED,
  message: 'The engine stopped before the run did.',
  hint: 'What arrived before is here.',
};

interface Gap {
  readonly from: number;
  readonly to: number;
  /** After the run's own lines. */
  readonly isBeyond: boolean;
}

/** @returns a line for each */
export function encodeEvents(events: readonly RunEvent[]): Promise<string[]> {
  return mapInPieces(events, encodeEvent);
}

/** The process hears others, such as a ping that asks whether it hangs, after each piece. */
async function mapInPieces<T, U>(items: readonly T[], map: (item: T, index: number) => U): Promise<U[]> {
  const mapped: U[] = [];
  for (const [index, item] of items.entries()) {
    if (index > 0 && index % PIECE === 0) await setImmediate();
    mapped.push(map(item, index));
  }
  return mapped;
}

export function encodeEvent(event: RunEvent): string {
  return `${JSON.stringify(event)}\n`;
}

/**
 * A whole run from a file of unknown origin. A long one takes seconds: others are heard meanwhile.
 * @throws EngineError that says which line is wrong and why
 */
export async function parseRunFile(text: string): Promise<RunEvent[]> {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  const events = await mapInPieces(lines, (line, i) => parseLine(line, i + 1));
  const first = events[0];
  if (first?.type !== 'run.started') throw notARun(1, 'a run begins with "run.started"');
  const again = events.findIndex((event, i) => i > 0 && event.type === 'run.started');
  if (again > 0) throw notARun(again + 1, 'a second run begins here; import one run at a time');
  const end = events.findIndex(endsRun);
  if (end < 0) throw notARun(lines.length, 'the file ends before the run does: it is truncated');
  if (end < events.length - 1) throw notARun(end + 2, 'there is more after the end of the run');
  return events;
}

/**
 * The events that were written whole. A notice stands in place of lines that cannot be read or belong to no run, and an
 * end where the engine did not live to write one.
 * @throws EngineError `damaged-run` where the first line, without which nothing can be shown, cannot be read
 */
export function* readStoredRun(lines: Iterable<Line>): Generator<RunEvent> {
  /** Lines left out since the last notice. */
  let gap: Gap | undefined;
  let end: RunEvent | undefined;
  let isEmpty = true;
  let isOver = false;
  for (const { number, text, isCut } of lines) {
    isEmpty = false;
    const event = number === 1 ? parseFirst(text) : tryParse(text, number);
    isOver ||= number > 1 && event?.type === 'run.started';
    if (event && !isOver) {
      if (gap) yield noticeOf(gap);
      gap = undefined;
      isOver = endsRun(event);
      if (isOver) end = event;
      else yield event;
    } else if (!isCut || isOver) {
      // A cut line was being written when the engine stopped: that is told by the end.
      gap = { from: gap?.from ?? number, to: number, isBeyond: gap?.isBeyond ?? isOver };
    }
  }
  if (isEmpty) throw damagedRun('its events.jsonl is empty');
  if (gap) yield noticeOf(gap);
  yield end ?? INTERRUPTION;
}

/** @param why the run cannot be shown */
export function damagedRun(why: string): EngineError {
  return badInput(
    'damaged-run',
    `the run is damaged: ${why}`,
    'Delete it, or put its file back from a copy.',
  );
}

function parseFirst(text: string | undefined): RunEvent {
  const lost = 'the first line of its events.jsonl, which says what was run, cannot be read';
  try {
    const event = parseLine(text ?? '', 1);
    if (event.type === 'run.started') return event;
  } catch (error) {
    if (error instanceof EngineError && error.code === 'newer-run') throw error;
  }
  throw damagedRun(lost);
}

function tryParse(text: string | undefined, number: number): RunEvent | undefined {
  try {
    return parseLine(text ?? '', number);
  } catch {
    return undefined;
  }
}

function noticeOf({ from, to, isBeyond }: Gap): RunEvent {
  const lines = from === to ? `line ${from}` : `lines ${from} to ${to}`;
  const why = isBeyond ? 'beyond the end of the run' : 'damaged';
  const message = `${lines} of the stored run ${from === to ? 'is' : 'are'} ${why} and left out`;
  return { type: 'notice', code: GAP, message };
}

function parseLine(line: string, number: number): RunEvent {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    throw notARun(number, 'it is not JSON');
  }
  const version = fieldOf(json, 'v');
  if (typeof version === 'number' && version > SCHEMA_VERSION) {
    throw badInput(
      'newer-run',
      `line ${number}: the run was written in format ${version}, this version reads ${SCHEMA_VERSION}`,
      'Update SLOT Studio to open it.',
    );
  }
  const parsed = RunEventSchema.safeParse(inThisFormat(json));
  if (parsed.success) return parsed.data;
  if (fieldOf(json, 'kind') === 'evaluation') {
    const message = `line ${number}: it begins an evaluation, not a run`;
    throw badInput('not-a-run', message, 'Import its JSON Lines under Evaluate.');
  }
  const { path, message, code } = parsed.error.issues[0]!;
  // Zod would list all types that there are.
  if (code === 'invalid_union' && path.join() === 'type') throw notARun(number, 'it is no event of a run');
  throw notARun(number, path.length > 0 ? `${path.join('.')}: ${message}` : message);
}

function fieldOf(json: unknown, name: string): unknown {
  return typeof json === 'object' && json !== null ? Reflect.get(json, name) : undefined;
}

function notARun(line: number, why: string) {
  return badInput(
    'not-a-run',
    `line ${line}: ${why}`,
    'Import a run that SLOT Studio exported as JSON Lines.',
  );
}
