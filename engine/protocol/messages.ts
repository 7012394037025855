/** What a client and the engine process say to each other, whatever carries it (pipe, port or socket). */
import { z } from 'zod';
import { DELTA_METHODS } from './delta-methods';
import { Diagnostics } from './diagnostics';
import { Failure } from './errors';
import { EvaluationEvent } from './evaluation';
import { EVALUATION_METHODS } from './evaluation-methods';
import { RunEvent } from './events';
import {
  Count,
  Ids,
  MAX_ENTRIES,
  MAX_LIST,
  MAX_TOKENS,
  Name,
  Numbers,
  RunId,
  Sentence,
  Text,
  Texts,
  TokenId,
} from './limits';
import { ModelInfo } from './model-info';
import { MODEL_METHODS, Pull } from './models';
import { Preparing } from './prepared';
import { RunLabels, RunSummary } from './runs';
import { SERVER_METHODS } from './server';
import { ModelSettings, RunConfig, ScaleFactor } from './settings';

/** One token's shift after each step of a lane, step 0 first. */
const ShiftSeries = z.object({
  id: TokenId,
  token: Text,
  shifts: Numbers,
});

/** A stored run's lines. */
const RunLines = z.string().max(2 ** 28);
/** The client's own, see NO_REQUEST_ID for -1. */
const RequestId = z
  .int()
  .min(-1)
  .max(2 ** 48);
const OfRun = z.strictObject({ runId: RunId });
/** A call that is answered and no more. */
const Nothing = z.unknown();
const Floats = z.custom<Float32Array>((value) => value instanceof Float32Array, 'not a Float32Array');
const Bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'not a Uint8Array');

/** Every method of the engine: its parameters and its result. */
export const METHODS = {
  'model.open': { params: ModelSettings, result: ModelInfo },
  /** The tokens of a prompt, the template's and special ones included. */
  'prompt.encode': {
    params: RunConfig.pick({ model: true, prompt: true, template: true }),
    result: z.object({ ids: Ids }),
  },
  /** Answers at once; the run's events follow. With `save` it is kept on disk as it goes. */
  'run.start': {
    params: z.strictObject({ runId: RunId, config: RunConfig, save: z.boolean().default(true) }),
    result: z.object({}),
  },
  /** Answers at once; the run ends with `run.cancelled`. Unknown runs are ignored. */
  'run.cancel': { params: z.strictObject({ runId: RunId }), result: z.object({}) },
  /** Stops one lane's answer (`lane.done`, cancelled); the others go on. */
  'lane.stop': { params: z.strictObject({ runId: RunId, lane: Name }), result: z.object({}) },
  /** Exact shifts of the tokens whose text contains `search`, for the last finished or running run. */
  'shift.search': {
    params: z.strictObject({
      runId: RunId,
      lane: Name,
      search: z.string().min(1).max(200),
      limit: z.int().min(1).max(1000).default(50),
    }),
    result: z.object({ total: Count, tokens: z.array(ShiftSeries).max(MAX_LIST) }),
  },
  /**
   * The texts of the tokens from id `from` on, for a run's model: as many as a window takes in without a pause.
   * `total` is how many there are in all.
   */
  'vocabulary.read': {
    params: OfRun.extend({ from: Count.default(0) }),
    result: z.object({ tokens: Texts, total: Count }),
  },
  /**
   * What a step moved over the whole vocabulary: `shift` [V] in logits, raw; `meanP` and `baseMeanP` [V],
   * probabilities with and without delta, mean over the prompt's positions.
   */
  'shift.read': {
    params: z.strictObject({ runId: RunId, lane: Name, step: Count }),
    result: z.object({ shift: Floats, meanP: Floats, baseMeanP: Floats }),
  },
  /**
   * Some tokens' figures after each kept step, `first` the earliest: row i is the token `ids[i]`, column j the
   * step `first + j`. Ranks are by mean probability, 0 the most probable. With a factor they are of so many times each
   * step's delta, which needs the model: the last run, or a stored one whose model is open.
   */
  'shift.series': {
    params: z.strictObject({
      runId: RunId,
      lane: Name,
      ids: z.array(TokenId).max(1000),
      factor: ScaleFactor.optional(),
    }),
    result: z.object({
      first: Count,
      /** By step: Σ p̄·shift over the vocabulary, which softmax ignores. */
      shiftMean: Floats,
      shift: z.array(Floats).max(MAX_LIST),
      meanP: z.array(Floats).max(MAX_LIST),
      rank: z.array(Floats).max(MAX_LIST),
      baseMeanP: Floats,
      baseRank: Floats,
    }),
  },
  /** Both distributions [V] at one token of an answer, nats, with `factor` times delta. Needs the model. */
  'distribution.read': {
    params: z.strictObject({ runId: RunId, lane: Name, index: Count, factor: ScaleFactor.optional() }),
    result: z.object({ logprobs: Floats, baseLogprobs: Floats }),
  },
  /**
   * p_slot - p_base [V], summed over the answer's positions from `from` to before `to`: as many as fit into a moment.
   * Whoever asks on from `to` until it is `positions` knows how far the work is, and stops it by asking no more.
   * Needs the model: the last run, or a stored one whose model is open.
   */
  'answer.massMoved': {
    params: z.strictObject({
      runId: RunId,
      lane: Name,
      from: Count.default(0),
      /** What delta is multiplied by. */
      factor: ScaleFactor.optional(),
    }),
    result: z.object({ massMoved: Floats, to: Count, positions: Count }),
  },
  /** Stored runs, newest first; damaged ones among them. */
  'runs.list': {
    params: z.strictObject({}),
    result: z.object({ runs: z.array(RunSummary).max(MAX_ENTRIES) }),
  },
  'runs.read': {
    params: OfRun,
    result: z.object({ summary: RunSummary, events: z.array(RunEvent).max(MAX_TOKENS) }),
  },
  'runs.label': { params: z.strictObject({ runId: RunId, labels: RunLabels }), result: Nothing },
  /** Takes a run off the list; `runs.restore` brings it back for at least a day. */
  'runs.delete': { params: OfRun, result: Nothing },
  'runs.restore': { params: OfRun, result: Nothing },
  /** The run's JSON Lines, byte for byte as they were written; an interrupted or damaged run gets lines that say so. */
  'runs.export': { params: OfRun, result: z.object({ text: RunLines }) },
  /** Imports a run's JSON Lines, whole or not at all. */
  'runs.import': {
    params: z.strictObject({ text: RunLines }),
    result: z.object({ runId: RunId }),
  },
  /** The run's vectors as a safetensors file. */
  'runs.vectors': { params: OfRun, result: z.object({ file: Bytes }) },
  /** Gives a stored run the vectors of such a file; where it does not say whose they are, the run that is named. */
  'runs.importVectors': {
    params: z.strictObject({ runId: RunId.nullable().default(null), file: Bytes }),
    result: z.object({ runId: RunId }),
  },
  /** Versions, memory and folders of the engine process. */
  'diagnostics.read': { params: z.strictObject({}), result: Diagnostics },
  ...DELTA_METHODS,
  ...MODEL_METHODS,
  ...EVALUATION_METHODS,
  ...SERVER_METHODS,
} as const;
export type Method = keyof typeof METHODS;
export type Params<M extends Method> = z.input<(typeof METHODS)[M]['params']>;
/** As the engine sees them: checked, defaults filled in. */
export type ParsedParams<M extends Method> = z.output<(typeof METHODS)[M]['params']>;
export type Result<M extends Method> = z.infer<(typeof METHODS)[M]['result']>;

const MethodName = z.enum(Object.keys(METHODS) as [Method, ...Method[]]);

/** Client to engine. `params` is checked against the method's own schema. */
export const Request = z.strictObject({
  kind: z.literal('request'),
  id: RequestId,
  method: MethodName,
  params: z.unknown(),
});
export type Request = z.infer<typeof Request>;

/**
 * Client to engine: the client no longer waits for the answer to its request `id`, which stops what works on it. The
 * request is answered all the same, with the error `cancelled` unless it was done before. Other ids are ignored.
 */
export const Cancel = z.strictObject({ kind: z.literal('cancel'), id: RequestId });
export type Cancel = z.infer<typeof Cancel>;

export type ClientMessage = Request | Cancel;

/**
 * Client to shell: a new engine process in the place of the old one, whatever that one is doing. Told, as any end of
 * the process is, by `engine` messages to every client.
 */
export const RestartRequest = z.strictObject({ kind: z.literal('restart') });
export type RestartRequest = z.infer<typeof RestartRequest>;

/** Engine to client. A plain union, since both kinds of answer are a `response`. */
export const ServerMessage = z.union([
  z.object({
    kind: z.literal('response'),
    id: RequestId,
    ok: z.literal(true),
    /** Absent where there is nothing to say: JSON leaves it out. */
    result: z.unknown().optional(),
  }),
  z.object({ kind: z.literal('response'), id: RequestId, ok: z.literal(false), error: Failure }),
  z.object({ kind: z.literal('event'), runId: Name, event: RunEvent }),
  /** A download's progress, told to every client. */
  z.object({ kind: z.literal('pull'), pull: Pull }),
  /** How far a model's weights are that is being opened, told to every client; null: that is over. */
  z.object({ kind: z.literal('preparing'), preparing: Preparing.nullable() }),
  /** What an evaluation does, told to every client. */
  z.object({ kind: z.literal('evaluation'), event: EvaluationEvent }),
  /** The engine process itself: sent by the shell, not by the engine. */
  z.object({ kind: z.literal('engine'), state: z.enum(['ready', 'exited']), detail: Sentence }),
  /** It has not answered for `forMs` milliseconds; `ready` follows when it does. */
  z.object({ kind: z.literal('engine'), state: z.literal('silent'), forMs: z.number().min(0) }),
]);
export type ServerMessage = z.infer<typeof ServerMessage>;
