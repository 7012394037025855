/** What the user has typed, kept exactly as typed, and its check against the contract's own schemas. */
import { z } from 'zod';
import {
  GenerationSettings,
  GroupDefinition,
  LaneSettings,
  Preset,
  RunConfig,
  type RunConfigInput,
} from '../../engine/protocol';

/** Numbers stay text until a run starts, so that a wrong one can be shown, explained and kept. */
export const LaneDraft = z.object({ name: z.string(), preset: Preset, steps: z.string(), lr: z.string() });
export type LaneDraft = z.infer<typeof LaneDraft>;

export const GenerationDraft = z.object({
  maxNewTokens: z.string(),
  temperature: z.string(),
  topP: z.string(),
  seed: z.string(),
  ignoreEos: z.boolean(),
});
export type GenerationDraft = z.infer<typeof GenerationDraft>;

export const GroupDraft = z.object({ name: z.string(), words: z.string() });
export type GroupDraft = z.infer<typeof GroupDraft>;

/** An empty folder is the starter model, an empty dtype the engine's choice. */
export const ModelDraft = z.object({ folder: z.string(), dtype: z.string(), memorySaver: z.boolean() });
export type ModelDraft = z.infer<typeof ModelDraft>;

export const PromptKind = z.enum(['chat', 'raw']);
export type PromptKind = z.infer<typeof PromptKind>;

export interface Draft {
  readonly system: string;
  readonly prompt: string;
  readonly promptKind: PromptKind;
  /** The lanes that adapt; the baseline is always there beside them. */
  readonly slotLanes: readonly LaneDraft[];
  readonly generation: GenerationDraft;
  readonly listLength: string;
  readonly groups: readonly GroupDraft[];
  readonly modelChoice: ModelDraft;
}

export const DEFAULT_DRAFT: Draft = {
  system: '',
  prompt: '',
  promptKind: 'chat',
  slotLanes: [{ name: 'slot', preset: 'transformers', steps: '5', lr: '0.1' }],
  generation: { maxNewTokens: '256', temperature: '0', topP: '1', seed: '0', ignoreEos: false },
  listLength: '20',
  groups: [{ name: '', words: '' }],
  modelChoice: { folder: '', dtype: '', memorySaver: false },
};

export const NUMBER_SCHEMAS = {
  steps: LaneSettings.shape.steps,
  lr: LaneSettings.shape.lr,
  maxNewTokens: GenerationSettings.shape.maxNewTokens,
  temperature: GenerationSettings.shape.temperature,
  topP: GenerationSettings.shape.topP,
  seed: GenerationSettings.shape.seed,
  listLength: RunConfig.shape.listLength,
} as const;
export type NumberField = keyof typeof NUMBER_SCHEMAS;

/** Names of fields as the window shows them, by the id that problems carry. */
export type FieldId =
  | 'prompt'
  | Exclude<NumberField, 'steps' | 'lr'>
  | `lanes.${number}.${'steps' | 'lr'}`
  | `groups.${number}.${'name' | 'words'}`
  | 'config';

export interface DraftCheck {
  /** Null where something is wrong. */
  readonly config: RunConfig | null;
  readonly problems: ReadonlyMap<FieldId, string>;
}

export function checkDraft(draft: Draft): DraftCheck {
  const problems = new Map<FieldId, string>();
  const read = (field: NumberField, text: string, id: FieldId): number => {
    const outcome = readNumber(field, text);
    if (typeof outcome === 'number') return outcome;
    problems.set(id, outcome.problem);
    return Number.NaN;
  };

  if (draft.prompt.trim() === '') problems.set('prompt', 'Write a prompt first.');
  const { generation } = draft;
  const input: RunConfigInput = {
    model: modelSettings(draft.modelChoice),
    prompt: promptOf(draft),
    lanes: [
      { name: 'baseline', steps: 0 },
      ...draft.slotLanes.map((lane, index) => ({
        name: lane.name,
        preset: lane.preset,
        steps: read('steps', lane.steps, `lanes.${index}.steps`),
        lr: read('lr', lane.lr, `lanes.${index}.lr`),
      })),
    ],
    generation: {
      maxNewTokens: read('maxNewTokens', generation.maxNewTokens, 'maxNewTokens'),
      temperature: read('temperature', generation.temperature, 'temperature'),
      topP: read('topP', generation.topP, 'topP'),
      seed: read('seed', generation.seed, 'seed'),
      ignoreEos: generation.ignoreEos,
    },
    groups: readGroups(draft.groups, problems),
    listLength: read('listLength', draft.listLength, 'listLength'),
  };
  if (problems.size > 0) return { config: null, problems };

  const whole = RunConfig.safeParse(input);
  if (whole.success) return { config: whole.data, problems };
  const issue = whole.error.issues[0];
  problems.set('config', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not valid'}`);
  return { config: null, problems };
}

export function modelSettings(choice: ModelDraft): NonNullable<RunConfigInput['model']> {
  return {
    folder: choice.folder.trim() || null,
    dtype: choice.dtype || null,
    memorySaver: choice.memorySaver,
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

function promptOf(draft: Draft): RunConfigInput['prompt'] {
  if (draft.promptKind === 'raw') return { kind: 'raw', text: draft.prompt };
  const user = { role: 'user' as const, content: draft.prompt };
  return draft.system.trim() === ''
    ? { kind: 'chat', messages: [user] }
    : { kind: 'chat', messages: [{ role: 'system', content: draft.system }, user] };
}

/** Rows left wholly empty are no groups. */
function readGroups(groups: readonly GroupDraft[], problems: Map<FieldId, string>): GroupDefinition[] {
  return groups.flatMap((group, index) => {
    const name = group.name.trim();
    const words = group.words
      .split(',')
      .map((word) => word.trim())
      .filter((word) => word !== '');
    if (name === '' && words.length === 0) return [];
    if (name === '') problems.set(`groups.${index}.name`, 'Give the group a name.');
    else if (!GroupDefinition.shape.name.safeParse(name).success)
      problems.set(`groups.${index}.name`, 'At most 80 characters.');
    if (words.length === 0) problems.set(`groups.${index}.words`, 'Give it words, separated by commas.');
    return [{ name, words }];
  });
}
