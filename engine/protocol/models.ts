/** Models on this machine and on the Hugging Face hub: the list, the card of one, and downloads. */
import { z } from 'zod';
import { Failure } from './errors';
import { Bytes, Count, MAX_ENTRIES, MAX_LIST, Moment, Name, Path, Sentence } from './limits';
import { PREPARED_METHODS } from './prepared';

/** Negative where an export left it open. */
const Dim = z
  .int()
  .min(-(2 ** 48))
  .max(2 ** 48);

/** `organisation/name`, by the hub's own rules for both parts. */
export const HubId = z
  .string()
  .max(200)
  .regex(/^[A-Za-z0-9_][\w.-]*\/[A-Za-z0-9_][\w.-]*$/, 'not of the form organisation/name')
  .refine((id) => !/--|\.\.|[-.](\/|$)/.test(id), 'not a name that the hub allows');
export type HubId = z.infer<typeof HubId>;

/** A branch, a tag or a commit. It becomes a file name below `refs`. */
export const Revision = z
  .string()
  .max(200)
  .regex(/^\w[\w.-]*(\/\w[\w.-]*)*$/, 'not a branch, tag or commit')
  .refine((revision) => !revision.includes('..'), 'not a branch, tag or commit');

/** As in the file name: `model_q4.onnx` is `q4`. */
export const Dtype = z
  .string()
  .max(40)
  .regex(/^\w{1,40}$/, 'letters, digits and underscores');

export const DtypeSize = z.object({
  dtype: Name,
  /** The ONNX file and its external data; of what is made of another's files, what that takes. */
  bytes: Bytes,
  /** The dtype whose files this one is made of when it is opened; absent where it has files of its own. */
  madeOf: Name.optional(),
});
export type DtypeSize = z.infer<typeof DtypeSize>;

/**
 * `starter` ships with the app, `cache` lies in the Hugging Face cache, `folder` was added by the user; the others are
 * kept by the tool of that name.
 */
const ModelSource = z.enum(['starter', 'cache', 'lmstudio', 'ollama', 'llamacpp', 'folder']);

export const ModelEntry = z.object({
  source: ModelSource,
  /** What opens it, as `folder` in a run's model settings: null, a hub id, a path or Ollama's `ollama:name:tag`. */
  model: Path.nullable(),
  name: Path,
  /** Where its files lie: the snapshot of a cached model; of one in a single GGUF file that file. */
  folder: Path,
  /** config.json's `model_type`, or what Ollama says; null where only the weights' own file would tell. */
  family: Name.nullable(),
  dtypes: z.array(DtypeSize).max(MAX_ENTRIES),
  /** What it takes on disk. */
  bytes: Bytes,
  /** Why it cannot be opened now: its folder has moved, its drive is missing, a file is damaged. */
  problem: Failure.nullable(),
});
export type ModelEntry = z.infer<typeof ModelEntry>;

const PullState = z.enum(['downloading', 'paused', 'verifying', 'done', 'failed']);

/** A download, as it stands. A paused one outlives the engine: pulling it again goes on where it was cut. */
export const Pull = z.object({
  pullId: Name,
  id: HubId,
  revision: Revision,
  /** As asked for; null: the default, see `files`. */
  dtype: Dtype.nullable(),
  state: PullState,
  /** Empty until the hub has listed them. */
  files: z.array(z.object({ path: Path, bytes: Bytes, done: Bytes })).max(MAX_ENTRIES),
  /** The sums over `files`. */
  bytes: Bytes,
  done: Bytes,
  /** Over the last seconds; null while nothing moves. */
  bytesPerSecond: z.number().nullable(),
  secondsLeft: z.number().nullable(),
  /** Why it failed, or (downloading) why it waits before it tries again. */
  problem: Failure.nullable(),
});
export type Pull = z.infer<typeof Pull>;

/** How a model's files are written. */
export const ModelFormat = z.enum(['onnx', 'safetensors', 'gguf']);
export type ModelFormat = z.infer<typeof ModelFormat>;

/** A model on the hub, as its search lists it. */
export const HubModel = z.object({
  id: Path,
  downloads: Count,
  likes: Count,
  updatedAt: Moment,
  /** Its licence must be accepted on the hub before its files can be had. */
  gated: z.boolean(),
  isCached: z.boolean(),
  /** By its tags. */
  formats: z.array(ModelFormat).max(ModelFormat.options.length),
});
export type HubModel = z.infer<typeof HubModel>;

/** A model whose export is known to have the layout that opens here. */
export const CuratedModel = z.object({
  id: HubId,
  name: Path,
  family: Name,
  /** Of the model, in billions. */
  parameters: z.number().positive(),
  licence: Name,
  /** As they were published; `models.inspect` has what is there, and its exact size. */
  dtypes: z.array(DtypeSize).max(MAX_ENTRIES),
  isCached: z.boolean(),
});
export type CuratedModel = z.infer<typeof CuratedModel>;

/** What a model is, found without loading its weights. */
export const ModelCard = z.object({
  source: z.enum([...ModelSource.options, 'hub']),
  /** What opens it, as in `ModelEntry`; a hub model must be pulled first. */
  model: Path.nullable(),
  name: Path,
  /** Null for a model that is on the hub alone. */
  folder: Path.nullable(),
  family: Name.nullable(),
  /** The one that this card is about. */
  dtype: Name,
  dtypes: z.array(DtypeSize).max(MAX_ENTRIES),
  /** Null where the graph was refused before it was known, or the config does not say. */
  layers: Count.nullable(),
  vocab: Count.nullable(),
  hidden: Count.nullable(),
  contextLength: Count.nullable(),
  hasChatTemplate: z.boolean(),
  /** What the template refuses, such as a system message, or why it cannot be used at all; null: nothing known of. */
  templateRefusal: Sentence.nullable(),
  inputs: z
    .array(z.object({ name: Path, type: Name, dims: z.array(z.union([Dim, Name])).max(MAX_LIST) }))
    .max(MAX_ENTRIES),
  projection: Name.nullable(),
  /** From the last hidden states to the logits: `hidden`, `Gemm`, `Div 30`, `Tanh`, `Mul 30`, `logits`. */
  chain: z.array(Name).max(MAX_ENTRIES),
  /** What a run with this dtype reads; `isHere`: on this machine, so not to be downloaded. */
  files: z.array(z.object({ path: Path, bytes: Bytes, isHere: z.boolean() })).max(MAX_ENTRIES),
  /** Estimates, in bytes, from sizes alone; `formula` says how they add up to `peak`. */
  memory: z
    .object({
      weights: Bytes,
      prepacked: Bytes,
      cache: Bytes,
      logits: Bytes,
      peak: Bytes,
      /** Length of the prompt that `cache`, `logits` and the step's cost are for. */
      promptTokens: Count,
      formula: Sentence,
    })
    .nullable(),
  /** What one optimisation step reads. */
  step: z.object({ bytes: Bytes, multiplyAdds: z.number(), formula: Sentence }).nullable(),
  /** What is made of the weights once, before it opens; null where it opens as it is. `seconds`: about, 0 once it is made. */
  preparation: z
    .object({
      bytes: Bytes,
      seconds: z.number().min(0),
      /** What rounding loses, in words; null where nothing is rounded, or it is not measured yet. */
      loss: Sentence.nullable(),
    })
    .nullable(),
  /** Bytes that were read over the network for this card. */
  fetched: Bytes,
  /** Null: supported. */
  refusal: Failure.nullable(),
});
export type ModelCard = z.infer<typeof ModelCard>;

/** Where models come from; the token itself never leaves the engine. */
export const HubStatus = z.object({
  endpoint: Path,
  cacheFolder: Path,
  isOffline: z.boolean(),
  hasToken: z.boolean(),
});
export type HubStatus = z.infer<typeof HubStatus>;

const PullRequest = z.strictObject({
  id: HubId,
  /** Null: the one that opens by default. */
  dtype: Dtype.nullable().default(null),
  revision: Revision.default('main'),
});

/** The `models.*` methods, see METHODS. */
export const MODEL_METHODS = {
  /** Everything on this machine, and downloads under way, paused or failed. */
  'models.list': {
    params: z.strictObject({}),
    result: z.object({
      models: z.array(ModelEntry).max(MAX_ENTRIES),
      pulls: z.array(Pull).max(MAX_ENTRIES),
      hub: HubStatus,
    }),
  },
  'models.curated': {
    params: z.strictObject({}),
    result: z.object({ models: z.array(CuratedModel).max(MAX_ENTRIES) }),
  },
  /** Text-generation models on the hub in a format that opens here, the most downloaded first. */
  'models.search': {
    params: z.strictObject({
      query: z.string().trim().min(1).max(200),
      limit: z.int().min(1).max(100).default(30),
    }),
    result: z.object({ models: z.array(HubModel).max(MAX_ENTRIES) }),
  },
  /** A model's card: of a folder, a hub id (on this machine, else on the hub) or, null, the starter model. */
  'models.inspect': {
    params: z.strictObject({
      model: Path.min(1).nullable(),
      dtype: Dtype.nullable().default(null),
      /** Of a hub id; null: whichever is here, else `main`. */
      revision: Revision.nullable().default(null),
      /** Ask the hub even about what is here: its card has every dtype. */
      onHub: z.boolean().default(false),
    }),
    result: ModelCard,
  },
  /** Starts or resumes a download and answers at once; its progress follows as `pull` messages. */
  'models.pull': { params: PullRequest, result: Pull },
  'models.pause': { params: z.strictObject({ pullId: Name }), result: z.unknown() },
  /** Deletes a model, or one dtype or revision of it, and what was downloaded of it, from the cache. */
  'models.remove': {
    params: PullRequest.pick({ id: true, dtype: true }).extend({
      revision: Revision.nullable().default(null),
    }),
    result: z.object({ freed: Bytes }),
  },
  'models.addFolder': {
    params: z.strictObject({ folder: Path.min(1) }),
    result: z.object({ model: ModelEntry }),
  },
  /** Takes a folder off the list; its files stay. */
  'models.forgetFolder': { params: z.strictObject({ folder: Path.min(1) }), result: z.unknown() },
  ...PREPARED_METHODS,
} as const;
