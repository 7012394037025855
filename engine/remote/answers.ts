/** Answers of many problems for evaluation, written by as many requests at once as keep the server busy. */
import { setTimeout as sleep } from 'node:timers/promises';
import { AnswerLane, type AnswerRequest, type FinishedAnswer } from '../generate/answer-lane';
import type { AnswerOptions } from '../generate/answers';
import type { Concurrency } from './concurrency';
import { type Patience, patiently } from './retrying';
import type { Host, Served } from './served';
import { write } from './write';

/** How often another may be given its turn while the server writes, in milliseconds. */
const TICK_MS = 200;

/** See `LanguageModel.answers`. */
export async function* answerOnServer(
  model: Served,
  next: () => Promise<readonly AnswerRequest[] | undefined>,
  options: AnswerOptions,
): AsyncGenerator<FinishedAnswer | 'tick', void> {
  const { signal: asked } = options;
  const concurrency = model.concurrencyOf(options.rows);
  const left = new AbortController();
  const signal = AbortSignal.any([asked, left.signal]);
  const running = new Map<string, Running>();
  const isStopped = options.isStopped ?? (() => false);
  const waiting: AnswerRequest[] = [];
  try {
    for (let more = true; ; ) {
      while (running.size < concurrency.limit) {
        asked.throwIfAborted();
        if (waiting.length === 0) {
          if (!more) break;
          const requests = await next();
          more = requests !== undefined;
          waiting.push(...(requests ?? []));
        }
        const request = waiting.shift();
        if (request) running.set(request.key, begin(model, request, concurrency, signal));
      }
      if (running.size === 0) return;
      for (const [key, { stop }] of running) if (isStopped(key)) stop.abort();
      const answers = [...running.values()].map(({ ended }) => ended);
      const ended = await Promise.race([...answers, sleep(TICK_MS, undefined, { ref: false })]);
      asked.throwIfAborted();
      if (!ended) {
        yield 'tick';
        continue;
      }
      running.delete(ended.request.key);
      if (isStopped(ended.request.key)) {
        yield new AnswerLane(model, ended.request, false).finish('cancelled');
        continue;
      }
      if ('error' in ended) throw ended.error;
      concurrency.answered();
      yield await finish(model, ended, options);
    }
  } finally {
    left.abort();
    await Promise.all([...running.values()].map(({ ended }) => ended));
  }
}

interface Written {
  readonly request: AnswerRequest;
  readonly ids: readonly number[];
  readonly hidden: readonly Float32Array[];
}

type Ended = Written | { readonly request: AnswerRequest; readonly error: unknown };

interface Running {
  /** Never rejects: see `begin`. */
  readonly ended: Promise<Ended>;
  /** Ends this one alone. */
  readonly stop: AbortController;
}

/** Never rejects, so that one that fails while another is waited for is not unheard. */
function begin(
  model: Served,
  request: AnswerRequest,
  concurrency: Concurrency,
  signal: AbortSignal,
): Running {
  const host = model.hostOf(request);
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const ended = host.slots
    .use(() => writeAnswer(model, host, request, concurrency, either))
    .catch((error: unknown) => ({ request, error }));
  return { ended, stop };
}

async function writeAnswer(
  model: Served,
  host: Host,
  request: AnswerRequest,
  concurrency: Concurrency,
  signal: AbortSignal,
): Promise<Written> {
  const { prompt, delta, b, generation, forcedPrefix = [] } = request;
  const longest = Math.min(generation.maxNewTokens, model.room(prompt.ids.length));
  const count = Math.max(0, longest - forcedPrefix.length);
  const begun = [...prompt.ids, ...forcedPrefix];
  const heed = concurrency.heeding();
  // Each by itself: what is written is not written again where its hidden states are late.
  const patience: Patience = (ask) => patiently(ask, signal, heed);
  const written = await write(model, host, {
    ids: begun,
    delta,
    b,
    generation,
    count,
    signal,
    patience,
  });
  const ids = [...forcedPrefix, ...written];
  const hidden = await patience(() => model.statesOf(host, prompt, ids, signal));
  // Nobody else's answer: the server may have been started again meanwhile, with another model.
  await patience(() => host.server.checkSame(signal));
  return { request, ids, hidden };
}

/** As the answer of a lane that is written here: where it ends, and its entropy. */
async function finish(
  model: Served,
  { request, ids, hidden }: Written,
  { keepHidden = false, onToken }: AnswerOptions,
): Promise<FinishedAnswer> {
  const lane = new AnswerLane(model, request, keepHidden);
  for (const [at, id] of ids.entries()) {
    const z = await model.head.projectApart(hidden[at]!);
    const own = await model.head.distribution(z, request.b);
    if (Number.isNaN(own.entropy)) return lane.finish('not-finite');
    if (onToken) {
      const { logprobs: baseLogprobs } = await model.head.distribution(z);
      onToken(request.key, lane.token(id, { logprobs: own.logprobs, baseLogprobs }));
    }
    const finished = lane.add(id, own.entropy, hidden[at]!);
    if (finished) return finished;
  }
  return lane.finish(lane.isFull ? 'length' : 'stop');
}
