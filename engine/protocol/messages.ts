/** What a client and the engine process say to each other, whatever carries it (pipe, port or socket). */
import { z } from 'zod';
import { RunEvent } from './events';
import { ModelSettings, RunConfig } from './settings';

const RunId = z.string().min(1).max(100);

export const GroupInfo = z.object({
  name: z.string(),
  tokens: z.array(z.object({ id: z.int(), token: z.string() })),
});
export type GroupInfo = z.infer<typeof GroupInfo>;

/** What the engine found when it opened a model folder. */
export const ModelInfo = z.object({
  id: z.string(),
  folder: z.string(),
  dtype: z.string(),
  /** The dtypes that lie in the folder. */
  dtypes: z.array(z.string()),
  projection: z.string(),
  /** The head after the projection, in order, as ONNX operators. */
  tail: z.array(z.string()),
  vocab: z.int(),
  hidden: z.int(),
  layers: z.int(),
  contextLength: z.int().nullable(),
  hasChatTemplate: z.boolean(),
  groups: z.array(GroupInfo),
});
export type ModelInfo = z.infer<typeof ModelInfo>;

/** One token's shift after each step of a lane, step 0 first. */
export const ShiftSeries = z.object({
  id: z.int(),
  token: z.string(),
  shifts: z.array(z.number()),
});
export type ShiftSeries = z.infer<typeof ShiftSeries>;

/** Every method of the engine: its parameters and its result. */
export const METHODS = {
  'model.open': { params: ModelSettings, result: ModelInfo },
  /** Answers at once; the run's events follow. */
  'run.start': { params: z.strictObject({ runId: RunId, config: RunConfig }), result: z.object({}) },
  /** Answers at once; the run ends with `run.cancelled`. Unknown runs are ignored. */
  'run.cancel': { params: z.strictObject({ runId: RunId }), result: z.object({}) },
  /** Stops one lane's answer (`lane.done`, cancelled); the others go on. */
  'lane.stop': { params: z.strictObject({ runId: RunId, lane: z.string() }), result: z.object({}) },
  /** Exact shifts of the tokens whose text contains `search`, for the last finished or running run. */
  'shift.search': {
    params: z.strictObject({
      runId: RunId,
      lane: z.string(),
      search: z.string().min(1).max(200),
      limit: z.int().min(1).max(1000).default(50),
    }),
    result: z.object({ total: z.int(), tokens: z.array(ShiftSeries) }),
  },
} as const;
export type Method = keyof typeof METHODS;
export type Params<M extends Method> = z.input<(typeof METHODS)[M]['params']>;
export type Result<M extends Method> = z.infer<(typeof METHODS)[M]['result']>;

export const MethodName = z.enum(Object.keys(METHODS) as [Method, ...Method[]]);

/** Client to engine. `params` is checked against the method's own schema. */
export const Request = z.strictObject({
  kind: z.literal('request'),
  id: z.int(),
  method: MethodName,
  params: z.unknown(),
});
export type Request = z.infer<typeof Request>;

export const WireError = z.object({
  kind: z.enum(['input', 'failure']),
  code: z.string(),
  message: z.string(),
  hint: z.string(),
});
export type WireError = z.infer<typeof WireError>;

/** Engine to client. */
export const ServerMessage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('response'), id: z.int(), ok: z.literal(true), result: z.unknown() }),
  z.object({ kind: z.literal('response'), id: z.int(), ok: z.literal(false), error: WireError }),
  z.object({ kind: z.literal('event'), runId: z.string(), event: RunEvent }),
  /** The engine process itself: sent by the shell, not by the engine. */
  z.object({ kind: z.literal('engine'), state: z.enum(['ready', 'exited']), detail: z.string() }),
]);
export type ServerMessage = z.infer<typeof ServerMessage>;
