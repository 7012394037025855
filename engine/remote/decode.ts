/** The answers of a run's lanes on a server: drafts as they are written, then their tokens with both distributions. */
import type { DecodeEvent, DecodeLane, DecodeOptions } from '../generate/decode';
import { NextToken, shiftOf } from '../generate/next-token';
import { StopTexts } from '../generate/stop-texts';
import { tokenEvent } from '../generate/token-event';
import type { ReadTokens } from '../model/prefix-cache';
import { toEngineError } from '../protocol';
import { TextStream } from '../tokenizer/tokenizer';
import { Mailbox } from './mailbox';
import { retrying } from './retrying';
import type { Host, Served } from './served';
import { write } from './write';

/** How often a lane that is being written is asked whether the user has stopped it, in milliseconds. */
const POLL_MS = 200;
const DRAFT_MS = 80;

interface WrittenLane {
  readonly lane: DecodeLane;
  readonly ids: readonly number[];
  /** [d] for each token: what it was chosen from. */
  readonly hidden: readonly Float32Array[];
  readonly isStopped: boolean;
}

export async function* decodeOnServer(
  model: Served,
  prompt: ReadTokens,
  lanes: readonly DecodeLane[],
  options: DecodeOptions,
): AsyncGenerator<DecodeEvent, void> {
  const mail = new Mailbox<DecodeEvent | WrittenLane>();
  const left = new AbortController();
  const signal = AbortSignal.any([options.signal, left.signal]);
  const tasks = lanes.map((lane) => {
    const host = model.hostOf(lane);
    return host.slots
      .use(() => writeLane(model, host, prompt, lane, { ...options, signal }, (event) => mail.put(event)))
      .catch((error: unknown) => mail.put({ type: 'failed', lane: lane.name, error: toEngineError(error) }));
  });
  void Promise.all(tasks).then(() => mail.close());
  try {
    for await (const item of mail) {
      options.signal.throwIfAborted();
      if ('type' in item) yield item;
      else yield* tell(model, item, options);
    }
    options.signal.throwIfAborted();
  } finally {
    left.abort();
    await Promise.all(tasks);
  }
}

async function writeLane(
  model: Served,
  host: Host,
  prompt: ReadTokens,
  lane: DecodeLane,
  { generation, signal, isStopped }: DecodeOptions,
  put: (item: DecodeEvent | WrittenLane) => void,
): Promise<void> {
  const { name, delta, b, forcedPrefix } = lane;
  signal.throwIfAborted();
  const stopped = new AbortController();
  const poll = setInterval(() => isStopped(name) && stopped.abort(), POLL_MS);
  const given = model.tokenizer.decode(forcedPrefix);
  let ids: number[] = [...forcedPrefix];
  /** Of a stream, which may be stopped. */
  let soFar: readonly number[] = [];
  const draft = atTimes((text) => put({ type: 'draft', lane: name, text }));
  const whileWriting = AbortSignal.any([signal, stopped.signal]);
  try {
    if (!isStopped(name)) {
      const written = await write(model, host, {
        ids: [...prompt.ids, ...forcedPrefix],
        delta,
        b,
        generation,
        count: generation.maxNewTokens - forcedPrefix.length,
        signal: whileWriting,
        patience: (ask) => retrying(ask, whileWriting),
        onText: (text, known) => {
          soFar = known ?? soFar;
          draft(given + text);
        },
      });
      ids = [...ids, ...written];
    }
  } catch (error) {
    if (!stopped.signal.aborted || signal.aborted) throw error;
    ids = [...ids, ...soFar];
  } finally {
    clearInterval(poll);
  }
  const hidden = await retrying(() => model.statesOf(host, prompt, ids, signal), signal);
  put({ lane, ids, hidden, isStopped: stopped.signal.aborted });
}

/** Drafts hold all of an answer: not told with every token. */
function atTimes(told: (text: string) => void): (text: string) => void {
  let last = Number.NEGATIVE_INFINITY;
  return (text) => {
    const now = performance.now();
    if (now - last < DRAFT_MS) return;
    last = now;
    told(text);
  };
}

async function* tell(
  { head, tokenizer, stopIds }: Served,
  { lane, ids, hidden, isStopped }: WrittenLane,
  options: DecodeOptions,
): AsyncGenerator<DecodeEvent, void> {
  const { name, b, forcedPrefix } = lane;
  const { generation, listLength, isStopped: asked } = options;
  const shift = shiftOf(b);
  const told = { name, forcedPrefix, text: new TextStream(tokenizer) };
  const stops = new StopTexts(generation.stops);
  let cut: string | undefined;
  for (const [index, id] of ids.entries()) {
    const z = await head.projectApart(hidden[index]!);
    const both = await new NextToken(head, z, listLength).under(shift);
    if (Number.isNaN(both.logprobs[0]! + both.baseLogprobs[0]!)) {
      yield { type: 'not-finite', lane: name, index };
      return;
    }
    const event = tokenEvent(told, index, id, both, tokenizer, options);
    yield event;
    const found = stops.push(event.text);
    cut = event.forced ? undefined : found;
  }
  const ended = !generation.ignoreEos && stopIds.includes(ids.at(-1) ?? -1);
  const cancelled = (isStopped || asked(name)) && !ended && ids.length < generation.maxNewTokens;
  // A server keeps the text that stopped it to itself.
  const stopped = cut !== undefined || (generation.stops && ids.length < generation.maxNewTokens);
  const reason = ended ? 'eos' : cancelled ? 'cancelled' : stopped ? 'stop' : 'length';
  const text = reason === 'stop' && cut !== undefined ? { text: cut } : {};
  yield { type: 'ended', reason, answer: { lane: name, ids, b, hidden }, ...text };
}
