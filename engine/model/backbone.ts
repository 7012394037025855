/** The decoder up to its last hidden states, with its key-value cache. */

import type { ValueInfo } from '../onnx/proto/model-types';
import type { LongRope } from '../onnx/recognise/long-rope';
import { floatData, floats, Tensor, type Tensors, type ViewSession } from '../onnx/runtime/session';
import { HIDDEN } from '../onnx/views/backbone-view';
import { UNRETURNED } from '../onnx/views/shared-cache';
import { badInput } from '../protocol';
import { checkInputs, feedsFor, type Padded, type Tokens } from './inputs';
import type { CacheRow, KvCache, KvLayout, Side } from './kv-cache';

interface Forward {
  /** [rows · tokens, d], row by row. */
  readonly hidden: Float32Array;
  readonly cache: KvCache;
}

interface BackboneParts {
  readonly session: ViewSession;
  /** A merged decoder's other graph, for a call without past; `session` then takes one token at a time. */
  readonly firstCall?: ViewSession | undefined;
  /** Where the view asks which table of rotary angles to use. */
  readonly longRope?: LongRope | undefined;
  /** The inputs that the model declares. */
  readonly inputs: readonly ValueInfo[];
  readonly kv: KvLayout;
  /** Whether it runs on the CPU, whose attention takes a past with room behind its tokens. */
  readonly isOnCpu: boolean;
  readonly twoRowsApart: boolean;
  readonly hiddenSize: number;
  /** Whether all tokens of a call are quantised together, so that rows and chunks influence each other. */
  readonly tokensInteract: boolean;
}

/** Small enough that a cancel is seen soon, large enough that matrix products stay efficient. */
const CHUNK = 128;
/** The longest prompt that is run in one piece where it has to be. */
const LARGE_CHUNK = 2048;

export class Backbone {
  /** Whether a prompt must be run in one piece from its beginning, without reusing an earlier one's cache. */
  readonly requiresSinglePrefill: boolean;
  readonly tokensInteract: boolean;
  /** Whether two rows of one token each are sooner one after the other. */
  readonly twoRowsApart: boolean;
  private readonly session: ViewSession;
  private readonly firstCall: ViewSession | undefined;
  private readonly longRope: LongRope | undefined;
  private readonly inputs: readonly ValueInfo[];
  private readonly kv: KvLayout;
  private readonly isOnCpu: boolean;
  private readonly hiddenSize: number;

  constructor(parts: BackboneParts) {
    const { session, firstCall, longRope, inputs, kv, isOnCpu, hiddenSize, tokensInteract } = parts;
    this.session = session;
    this.firstCall = firstCall;
    this.longRope = longRope;
    const sessions = firstCall ? [session, firstCall] : [session];
    const read = new Set(sessions.flatMap(({ inputNames }) => inputNames));
    this.inputs = inputs.filter(({ name }) => read.has(name));
    this.kv = kv;
    this.isOnCpu = isOnCpu;
    this.hiddenSize = hiddenSize;
    this.tokensInteract = tokensInteract;
    this.twoRowsApart = parts.twoRowsApart;
    this.requiresSinglePrefill = tokensInteract || firstCall !== undefined;
    checkInputs(this.inputs);
  }

  /** A cache for `rows` sequences of no tokens. */
  emptyCache(rows: number): KvCache {
    return this.kv.empty(rows);
  }

  /** One cache of rows of several, padded at this side to the longest. */
  gather(rows: readonly CacheRow[], side: Side): KvCache {
    return this.kv.gather(rows, side);
  }

  /** Whether a sequence of so many tokens is past longrope's threshold and so uses its long rotary angles. */
  isLong(tokens: number): boolean {
    return this.longRope !== undefined && tokens > this.longRope.threshold;
  }

  /** Whether the graph changes its rotary angles with the length, as longrope does. */
  get hasLongRope(): boolean {
    return this.longRope !== undefined;
  }

  /**
   * How many tokens a sequence of so many can grow to: a short one must not cross longrope's threshold, since its
   * cached keys were rotated with the short angles.
   */
  mostTokens(tokens: number): number {
    return this.longRope && !this.isLong(tokens) ? this.longRope.threshold : Number.POSITIVE_INFINITY;
  }

  /** How many tokens of a prompt to run next, after `past` of them. */
  chunkSize(past: number): number {
    // Exporters traced the graph with past with one token, some without the causal mask that more would need.
    if (this.firstCall && past > 0) return 1;
    return this.requiresSinglePrefill ? LARGE_CHUNK : CHUNK;
  }

  /**
   * Runs new tokens of equally long rows.
   * @param ids one array of new tokens per row, all of the same length
   * @param past how many tokens each row of `cache` holds
   * @param total how many tokens the sequence is going to have at least, where more calls follow
   */
  forward(
    ids: readonly (readonly number[])[],
    cache: KvCache,
    past: number,
    total = past + ids[0]!.length,
  ): Promise<Forward> {
    return this.run({ ids, past }, cache, total);
  }

  /**
   * Runs one new token for each row.
   * @param padded the rows' tokens in `cache`; undefined where all are as long as the cache
   */
  step(ids: readonly number[], cache: KvCache, padded?: Padded): Promise<Forward> {
    const rows = ids.map((id) => [id]);
    return this.run({ ids: rows, past: cache.columns, padded }, cache, cache.columns + 1);
  }

  private async run(tokens: Tokens, cache: KvCache, total: number): Promise<Forward> {
    const { ids, past } = tokens;
    const rows = ids.length;
    const length = ids[0]!.length;
    const session = (past === 0 && this.firstCall) || this.session;
    const known = feedsFor(this.inputs, tokens);
    if (this.longRope) {
      known[this.longRope.condition] = new Tensor('bool', Uint8Array.of(this.isLong(total) ? 1 : 0), []);
    }
    // A first call's outputs are returned, since that is where one that is too short is found.
    if (past > 0 && this.isOnCpu && session.takesOutputs) {
      const hidden = new Float32Array(rows * length * this.hiddenSize);
      const next = cache.grown(length);
      const into = { [HIDDEN]: floats(hidden, [rows, length, this.hiddenSize]), ...next.presents };
      await session.runInto(feedsOf(session, known, next), into);
      return { hidden, cache: next };
    }
    const names = session.outputNames.filter((name) => name !== UNRETURNED);
    const outputs = await session.run(feedsOf(session, known, cache), names);
    const hidden = floatData(outputs[HIDDEN]);
    if (hidden.length !== rows * length * this.hiddenSize) {
      throw badInput(
        'pruned-hidden',
        'the export drops positions before its last hidden states, so the prompt cannot be learned from',
        'Export the model with logits for all positions.',
      );
    }
    return { hidden, cache: this.kv.advance(outputs, rows, past + length) };
  }
}

function feedsOf({ inputNames }: ViewSession, known: Tensors, { tensors }: KvCache): Tensors {
  return Object.fromEntries(inputNames.map((name) => [name, known[name] ?? tensors[name]!]));
}
