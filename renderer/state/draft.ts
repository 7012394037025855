/** What the user has typed, kept exactly as typed, and its check against the contract's own schemas. */
import { z } from 'zod';
import {
  Arithmetic,
  Device,
  GenerationSettings,
  LaneSettings,
  PRESET_SETTINGS,
  RunConfig,
  type RunConfigInput,
  Samples,
  ServerAddress,
  samplesProblem,
} from '../../engine/protocol';
import { sentence } from '../ui/text/format';
import { readExplained } from './explained';
import { type GroupDraft, type GroupField, readGroups } from './group-draft';
import { readOrigin } from './lane-origin';
import { DEFAULT_LANES, type LaneDraft } from './lanes';
import { type LearningField, readLearningDraft } from './learning-draft';
import { readStops } from './stop-texts';
import { NO_TEMPLATE, readTemplate, type TemplateDraft, type TemplateField } from './template-draft';

export const GenerationDraft = z.object({
  maxNewTokens: z.string(),
  temperature: z.string(),
  topP: z.string(),
  seed: z.string(),
  /** Answers of each lane. */
  samples: z.string().default('1'),
  ignoreEos: z.boolean(),
  /** A text a line. */
  stops: z.string().default(''),
});
export type GenerationDraft = z.infer<typeof GenerationDraft>;

/** An empty folder is the starter model, an empty dtype the engine's choice. */
export const ModelDraft = z.object({
  folder: z.string(),
  dtype: z.string(),
  device: Device.default('cpu'),
  memorySaver: z.boolean(),
  arithmetic: Arithmetic.default('exact'),
  /** Where its layers run; left out where that is this machine. */
  server: ServerAddress.optional(),
  /** Another one of the same model, for lanes without a shift. */
  baselineServer: ServerAddress.optional(),
});
export type ModelDraft = z.infer<typeof ModelDraft>;

/** With these weights, here or on a server; arithmetic is a choice for the weights that it was made with. */
export function withWeights(choice: ModelDraft, folder: string, dtype: string, server?: string): ModelDraft {
  const { server: before, baselineServer: _baseline, ...own } = choice;
  const isSame = folder === choice.folder && dtype === choice.dtype && server === before;
  if (isSame) return choice;
  return { ...own, folder, dtype, arithmetic: 'exact', ...(server === undefined ? {} : { server }) };
}

export const PromptKind = z.enum(['chat', 'raw']);
export type PromptKind = z.infer<typeof PromptKind>;

export interface Draft {
  readonly system: string;
  readonly prompt: string;
  readonly promptKind: PromptKind;
  readonly template: TemplateDraft;
  /** In the order of their columns; a baseline is a lane of 0 steps. */
  readonly lanes: readonly LaneDraft[];
  readonly generation: GenerationDraft;
  readonly listLength: string;
  /** Tokens by commas, as the charts write them. */
  readonly explain: string;
  readonly groups: readonly GroupDraft[];
  readonly modelChoice: ModelDraft;
}

export const DEFAULT_DRAFT: Draft = {
  system: '',
  prompt: '',
  promptKind: 'chat',
  template: NO_TEMPLATE,
  lanes: DEFAULT_LANES,
  generation: {
    maxNewTokens: '256',
    temperature: '0',
    topP: '1',
    seed: '0',
    samples: '1',
    ignoreEos: false,
    stops: '',
  },
  listLength: '20',
  explain: '',
  groups: [{ name: '', words: '' }],
  modelChoice: { folder: '', dtype: '', device: 'cpu', memorySaver: false, arithmetic: 'exact' },
};

const NUMBER_SCHEMAS = {
  steps: LaneSettings.shape.steps,
  lr: LaneSettings.shape.lr,
  weightDecay: LaneSettings.shape.weightDecay,
  maxNewTokens: GenerationSettings.shape.maxNewTokens,
  temperature: GenerationSettings.shape.temperature,
  topP: GenerationSettings.shape.topP,
  seed: GenerationSettings.shape.seed,
  samples: Samples,
  listLength: RunConfig.shape.listLength,
} as const;
export type NumberField = keyof typeof NUMBER_SCHEMAS;

/** Names of fields as the window shows them, by the id that problems carry. */
export type FieldId =
  | 'prompt'
  | Exclude<NumberField, 'steps' | 'lr' | 'weightDecay'>
  | `lanes.${number}.${'name' | 'steps' | 'lr' | 'weightDecay' | 'seed' | 'factor' | 'given' | 'others' | LearningField}`
  | GroupField
  | TemplateField
  | 'config';

/** All of a run but its prompt; lanes in the order of the draft's. */
export type RunSettings = Omit<RunConfig, 'prompt'>;

export interface DraftCheck {
  /** Null where something is wrong. */
  readonly config: RunConfig | null;
  /** Null where something besides the prompt is wrong. */
  readonly settings: RunSettings | null;
  readonly problems: ReadonlyMap<FieldId, string>;
}

export function checkDraft(draft: Draft): DraftCheck {
  const { settings, problems } = checkSettings(draft);
  if (draft.prompt.trim() !== '')
    return { config: settings && { ...settings, prompt: promptOf(draft) }, settings, problems };
  const all: [FieldId, string][] = [['prompt', 'Write a prompt first.'], ...problems];
  return { config: null, settings, problems: new Map(all) };
}

function checkSettings(draft: Draft): Omit<DraftCheck, 'config'> {
  const problems = new Map<FieldId, string>();
  const read = (field: NumberField, text: string, id: FieldId): number => {
    const outcome = readNumber(field, text);
    if (typeof outcome === 'number') return outcome;
    problems.set(id, outcome.problem);
    return Number.NaN;
  };
  const { generation, lanes } = draft;
  const input = {
    model: modelSettings(draft.modelChoice),
    // Raw text goes through no template.
    template: readTemplate(draft.promptKind === 'raw' ? NO_TEMPLATE : draft.template, problems),
    lanes: lanes.map((lane, index) => {
      const { name, preset, steps, lr, weightDecay } = lane;
      const problem = laneNameProblem(lanes, index);
      if (problem !== null) problems.set(`lanes.${index}.name`, problem);
      const origin = readOrigin(lane.origin, (prompt) => promptOf({ ...draft, prompt }));
      if ('problem' in origin) problems.set(`lanes.${index}.${origin.field}`, origin.problem);
      // It is not learned, so that nothing of how is asked or kept.
      if (lane.origin.kind === 'given') return { name, origin, steps: 1 };
      return {
        name,
        preset,
        ...(weightDecay.trim() === ''
          ? {}
          : { weightDecay: read('weightDecay', weightDecay, `lanes.${index}.weightDecay`) }),
        ...readLearningDraft(lane.learning, PRESET_SETTINGS[preset].betas, (field, text) =>
          problems.set(`lanes.${index}.${field}`, text),
        ),
        origin,
        steps: read('steps', steps, `lanes.${index}.steps`),
        lr: read('lr', lr, `lanes.${index}.lr`),
      };
    }),
    generation: {
      maxNewTokens: read('maxNewTokens', generation.maxNewTokens, 'maxNewTokens'),
      temperature: read('temperature', generation.temperature, 'temperature'),
      topP: read('topP', generation.topP, 'topP'),
      seed: read('seed', generation.seed, 'seed'),
      ignoreEos: generation.ignoreEos,
      ...readStops(generation.stops),
    },
    ...readSamples(read('samples', generation.samples, 'samples')),
    groups: readGroups(draft.groups, (field, text) => problems.set(field, text)),
    listLength: read('listLength', draft.listLength, 'listLength'),
    ...readExplained(draft.explain),
  };
  const samples = problems.size === 0 ? samplesProblem(input) : undefined;
  if (samples !== undefined) problems.set('samples', sentence(samples));
  if (problems.size > 0) return { settings: null, problems };

  const whole = RunSettingsSchema.safeParse(input);
  if (whole.success) return { settings: whole.data, problems };
  const issue = whole.error.issues[0];
  problems.set('config', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not valid'}`);
  return { settings: null, problems };
}

/** One answer of each lane is what a run without the setting has. */
function readSamples(samples: number): Pick<RunConfigInput, 'samples'> {
  return samples === 1 ? {} : { samples };
}

const RunSettingsSchema = RunConfig.omit({ prompt: true });

function laneNameProblem(lanes: readonly LaneDraft[], index: number): string | null {
  const name = lanes[index]?.name.trim() ?? '';
  if (name === '') return 'Give the lane a name.';
  if (name.length > 80) return 'At most 80 characters.';
  return lanes.findIndex((lane) => lane.name.trim() === name) < index ? 'Another lane has this name.' : null;
}

export function modelSettings(choice: ModelDraft): NonNullable<RunConfigInput['model']> {
  return {
    folder: choice.folder.trim() || null,
    dtype: choice.dtype || null,
    device: choice.device,
    memorySaver: choice.memorySaver,
    arithmetic: choice.arithmetic,
    ...(choice.server === undefined ? {} : { server: choice.server }),
    ...(choice.baselineServer === undefined ? {} : { baselineServer: choice.baselineServer }),
  };
}

/** What a number field takes, in words drawn from the schema itself: "whole number from 0 to 1000". */
export function allowedNumbers(field: NumberField): string {
  const { type, minimum, exclusiveMinimum, maximum } = z.toJSONSchema(NUMBER_SCHEMAS[field], { io: 'input' });
  const kind = type === 'integer' ? 'whole number' : 'number';
  return exclusiveMinimum === undefined
    ? `${kind} from ${minimum} to ${maximum}`
    : `${kind} above ${exclusiveMinimum}, at most ${maximum}`;
}

function readNumber(field: NumberField, text: string): number | { problem: string } {
  const allowed = allowedNumbers(field);
  if (text.trim() === '') return { problem: `Must be a ${allowed}.` };
  const value = Number(text);
  if (Number.isNaN(value)) return { problem: `Not a number; must be a ${allowed}.` };
  return NUMBER_SCHEMAS[field].safeParse(value).success ? value : { problem: `Must be a ${allowed}.` };
}

function promptOf(draft: Pick<Draft, 'system' | 'prompt' | 'promptKind'>): RunConfig['prompt'] {
  if (draft.promptKind === 'raw') return { kind: 'raw', text: draft.prompt };
  const user = { role: 'user' as const, content: draft.prompt };
  return draft.system.trim() === ''
    ? { kind: 'chat', messages: [user] }
    : { kind: 'chat', messages: [{ role: 'system', content: draft.system }, user] };
}
