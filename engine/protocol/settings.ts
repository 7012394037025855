/** What a user asks of a run: the model, the prompt, the lanes and how to generate. */
import { z } from 'zod';
import { GivenOrigin } from './given';
import { LEARNING_FIELDS } from './learning';
import { Name, Path, Text, TokenId } from './limits';
import { Samples } from './samples';
import { ServerAddress } from './server';

export const ChatMessage = z.strictObject({
  role: z.enum(['system', 'user', 'assistant']),
  content: Text,
});
export type ChatMessage = z.infer<typeof ChatMessage>;

/** Chat messages go through the model's template; raw text goes to the tokenizer as it is. */
export const Prompt = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('chat'), messages: z.array(ChatMessage).min(1).max(10_000) }),
  z.strictObject({ kind: z.literal('raw'), text: Text }),
]);
export type Prompt = z.infer<typeof Prompt>;

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

const MAX_JSON_DEPTH = 20;
const MAX_JSON_LENGTH = 65_536;

/** Of a bounded depth. */
export function isJson(value: unknown, depth = 0): value is Json {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || depth === MAX_JSON_DEPTH) return false;
  return Object.values(value).every((inner) => isJson(inner, depth + 1));
}

const Json = z
  .custom<Json>((value) => isJson(value), `JSON of at most ${MAX_JSON_DEPTH} levels`)
  .refine(
    (value) => JSON.stringify(value).length <= MAX_JSON_LENGTH,
    `more than ${MAX_JSON_LENGTH} characters`,
  );

/** Of a variable in a chat template. JavaScript leaves `__proto__` out of records, without a word. */
export const VariableName = z
  .string()
  .max(100)
  .regex(/^(?!__proto__$)[A-Za-z_]\w{0,99}$/, 'not a name: letters, digits and _');

/** Names for the chat template to read besides the messages, such as `enable_thinking`. */
export const TemplateVariables = z
  .record(VariableName, Json)
  .refine((variables) => Object.keys(variables).length <= 50, 'more than 50 template variables');
export type TemplateVariables = z.infer<typeof TemplateVariables>;

/** What the chat template is given besides the messages. */
export const TemplateSettings = z.strictObject({
  variables: TemplateVariables.default({}),
  /** The day that a template may write, year first; null is the day of the run. */
  date: z.iso.date().max(10).nullable().default(null),
});
export type TemplateSettings = z.infer<typeof TemplateSettings>;

/** The most prompts that one lane's delta is the mean of. */
const MAX_SOURCES = 1000;

/** What a delta is multiplied by. */
export const ScaleFactor = z.number().min(-10).max(10);

/** Where a lane's delta comes from: SLOT's own, or a control that rules out another cause of its effect. */
export const DeltaOrigin = z.discriminatedUnion('kind', [
  /** SLOT: learned from the lane's own prompt. */
  z.strictObject({ kind: z.literal('own') }),
  /** Its negative. */
  z.strictObject({ kind: z.literal('minus') }),
  /** A multiple of it: part of it, more than it, or the other way. */
  z.strictObject({ kind: z.literal('scaled'), factor: ScaleFactor }),
  /** The own delta without the part that moves the mean logit, see `withoutMeanShift`. */
  z.strictObject({ kind: z.literal('centred') }),
  /** Learned before, by other runs. */
  GivenOrigin,
  /** A direction drawn from a normal distribution, as long as the own delta. */
  z.strictObject({ kind: z.literal('random'), seed: z.int().min(0).max(0xffff_ffff) }),
  /** The mean of the deltas learned from other prompts; with one, that prompt's delta. */
  z.strictObject({ kind: z.literal('prompts'), prompts: z.array(Prompt).min(1).max(MAX_SOURCES) }),
  /** Learned from the template alone: the prompt with the user's turns emptied. */
  z.strictObject({ kind: z.literal('template') }),
  /** No delta: answers are drawn at the temperature that gives the baseline SLOT's mean entropy after the same words. */
  z.strictObject({ kind: z.literal('temperature') }),
]);
export type DeltaOrigin = z.infer<typeof DeltaOrigin>;

/** SLOT's settings for one lane. `steps` 0 is the baseline, whatever the origin. */
export const LaneSettings = z.strictObject({
  name: z.string().trim().min(1).max(80),
  ...LEARNING_FIELDS,
  /** Optimisation steps T. */
  steps: z.int().min(0).max(1000),
  /** Left out by runs from before there were controls. */
  origin: DeltaOrigin.default({ kind: 'own' }),
  /** The lane's own conversation, in place of the run's prompt. */
  prompt: Prompt.optional(),
  /** Token ids that the answer begins with, whatever the model would choose. */
  forcedPrefix: z.array(TokenId).max(65_536).default([]),
});
export type LaneSettings = z.infer<typeof LaneSettings>;

/** Texts that end an answer. */
export const Stops = z.array(Name.min(1)).max(100);

export const GenerationSettings = z.strictObject({
  maxNewTokens: z.int().min(1).max(65_536).default(256),
  /** 0 is greedy. */
  temperature: z.number().min(0).max(10).default(0),
  /** Keep the most probable tokens whose mass reaches topP; 1 keeps all. */
  topP: z.number().gt(0).max(1).default(1),
  seed: z.int().min(0).max(0xffff_ffff).default(0),
  ignoreEos: z.boolean().default(false),
  /** Texts that end an answer, which is cut before the first of them; left out where there are none. */
  stops: Stops.min(1).optional(),
});
export type GenerationSettings = z.infer<typeof GenerationSettings>;

/** onnxruntime's execution providers, by its own names; which of them there are depends on the machine. */
export const DEVICES = ['cpu', 'webgpu', 'cuda', 'dml', 'coreml'] as const;
export const Device = z.enum(DEVICES);
export type Device = z.infer<typeof Device>;

/**
 * How layers in codes of few bits are multiplied: `fast` rounds activations to 8 bits in blocks of each token, as
 * llama.cpp does, and what blocks of weights are shifted by beyond whole steps. The head and the gradient are exact in both.
 */
export const ARITHMETICS = ['exact', 'fast'] as const;
export const Arithmetic = z.enum(ARITHMETICS);
export type Arithmetic = z.infer<typeof Arithmetic>;

export const ModelSettings = z
  .strictObject({
    /** A model folder, or the hub id of a model in the cache; null is the starter model that ships with the app. */
    folder: Path.min(1).nullable().default(null),
    /** As in the file name: `model_fp16.onnx` is `fp16`. Null takes the first of fp32, fp16 that is there. */
    dtype: Name.min(1).nullable().default(null),
    /** Where it runs; the CPU takes over, with a notice, where that does not work. */
    device: Device.default('cpu'),
    /** Trade speed for about the weights' size of private memory (no prepacked copies). */
    memorySaver: z.boolean().default(false),
    /** Left out by runs from before there was a choice. */
    arithmetic: Arithmetic.default('exact'),
    /** Where its layers run; left out where that is this machine, as its head always does. */
    server: ServerAddress.optional(),
    /** Besides `server`: where lanes without a shift are answered, by the same model. */
    baselineServer: ServerAddress.optional(),
  })
  .refine(({ server, baselineServer }) => server !== undefined || baselineServer === undefined, {
    path: ['baselineServer'],
    message: 'goes with a server for the other lanes',
  });
export type ModelSettings = z.infer<typeof ModelSettings>;

/** A token group of the user's own: tokens that equal one of `words` (any spelling) or match `pattern` with `flags`. */
export const GroupDefinition = z.strictObject({
  name: z.string().trim().min(1).max(80),
  words: z.array(Name.min(1)).max(1_000).default([]),
  pattern: Name.optional(),
  flags: z.string().max(20).optional(),
});
export type GroupDefinition = z.infer<typeof GroupDefinition>;

/** That one run answers with. */
export const MAX_LANES = 8;

export const RunConfig = z.strictObject({
  model: ModelSettings.prefault({}),
  prompt: Prompt,
  /** For the prompts of all lanes; raw ones make no use of it. */
  template: TemplateSettings.prefault({}),
  lanes: z
    .array(LaneSettings)
    .min(1)
    .max(MAX_LANES, `at most ${MAX_LANES} lanes in one run`)
    .refine(
      (lanes) => new Set(lanes.map((lane) => lane.name)).size === lanes.length,
      'lane names must differ',
    ),
  generation: GenerationSettings.prefault({}),
  /** Answers of each lane, with seeds from the run's own on; one where it is left out. See `samplesProblem`. */
  samples: Samples.optional(),
  /** Groups besides the default ones. */
  groups: z.array(GroupDefinition).max(50).default([]),
  /** Texts of one token each, whose shift is told by prompt token for every SLOT lane. */
  explain: z.array(Name.min(1)).max(20).optional(),
  /** Length of the boosted, suppressed, gained and lost lists. */
  listLength: z.int().min(1).max(1000).default(20),
});
export type RunConfig = z.infer<typeof RunConfig>;
/** A run's configuration as a caller writes it, defaults left out. */
export type RunConfigInput = z.input<typeof RunConfig>;
