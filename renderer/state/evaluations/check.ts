/** From what is typed to an evaluation's settings, or to what is wrong with each field. */
import {
  EvaluationConfig,
  type EvaluationConfigInput,
  type EvaluationLane,
  type EvaluationOptions,
  Preset,
  readScope,
  type Scope,
} from '../../../engine/protocol';
import { type ModelDraft, modelSettings, withWeights } from '../draft';
import { readStops } from '../stop-texts';
import type { EvaluationDraft } from './draft';
import { gridLanes, readDecays, readRates, readSteps, withControls } from './lanes';

export type EvaluationField = Exclude<keyof EvaluationDraft, 'file' | 'own'> | 'path' | 'user' | 'whole';

export interface EvaluationCheck {
  /** Null where something is wrong, or nothing is known of the data sets yet. */
  readonly config: EvaluationConfig | null;
  readonly problems: ReadonlyMap<EvaluationField, string>;
  /** What is taken where a field says nothing. */
  readonly usual: Usual;
}

interface Usual {
  readonly form: EvaluationOptions['forms'][number]['name'];
  readonly graders: EvaluationOptions['graders'][number]['name'][];
  readonly maxNewTokens: number;
}

const DEFAULT_CAP = 256;

function usualOf(draft: EvaluationDraft, options: EvaluationOptions | null): Usual {
  const set = options?.datasets.find(({ name }) => name === draft.data);
  const usual = set?.form ?? 'bare';
  const form = draft.form ?? usual;
  const cap = options?.forms.find(({ name }) => name === form)?.maxNewTokens;
  return { form: usual, graders: [...(set?.graders ?? ['number'])], maxNewTokens: cap ?? DEFAULT_CAP };
}

export function checkEvaluation(
  draft: EvaluationDraft,
  modelChoice: ModelDraft,
  options: EvaluationOptions | null,
): EvaluationCheck {
  const problems = new Map<EvaluationField, string>();
  const usual = usualOf(draft, options);
  const number = numberReader(draft, problems);
  const lanes = lanesOf(draft, problems, number);
  const graders = draft.graders ?? usual.graders;
  if (graders.length === 0) problems.set('graders', 'Choose at least one grader.');
  if (graders.includes('regex') && draft.pattern === '')
    problems.set('pattern', 'Write the pattern that the regex grader takes the answer with.');
  const input = {
    model: modelSettings(
      draft.model === null ? modelChoice : withWeights(modelChoice, draft.model.folder, draft.model.dtype),
    ),
    dataset: datasetOf(draft, problems),
    selection: {
      limit: draft.limit.trim() === '' ? null : number('limit', 1, 100_000),
      shuffle: draft.shuffle.trim() === '' ? null : number('shuffle', 0, 0xffff_ffff),
    },
    form: formOf(draft, usual, problems),
    lanes,
    graders: graders.map((name) => (name === 'regex' ? { name, pattern: draft.pattern } : { name })),
    generation: {
      maxNewTokens: draft.maxNewTokens.trim() === '' ? usual.maxNewTokens : number('maxNewTokens', 1, 65_536),
      temperature: number('temperature', 0, 10, false),
      topP: number('topP', 0, 1, false),
      seed: number('seed', 0, 0xffff_ffff),
    },
    samples: number('samples', 1, 64),
    rows: number('rows', 1, 64),
    sweep: draft.mode === 'sweep' ? { split: draft.halves } : null,
  } satisfies EvaluationConfigInput;
  if (problems.size > 0 || options === null) return { config: null, problems, usual };
  const parsed = EvaluationConfig.safeParse(input);
  if (parsed.success) return { config: parsed.data, problems, usual };
  const issue = parsed.error.issues[0];
  problems.set('whole', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not valid'}`);
  return { config: null, problems, usual };
}

type NumberField =
  | 'limit'
  | 'shuffle'
  | 'maxNewTokens'
  | 'temperature'
  | 'topP'
  | 'seed'
  | 'samples'
  | 'rows';
type ReadNumber = (field: NumberField | 'meanOf', low: number, high: number, isWhole?: boolean) => number;

function numberReader(draft: EvaluationDraft, problems: Map<EvaluationField, string>): ReadNumber {
  return (field, low, high, isWhole = true) => {
    const text = draft[field].trim();
    const value = text === '' ? Number.NaN : Number(text);
    if (value >= low && value <= high && (!isWhole || Number.isInteger(value))) return value;
    problems.set(field, `Must be a ${isWhole ? 'whole number' : 'number'} from ${low} to ${high}.`);
    return low;
  };
}

function lanesOf(
  draft: EvaluationDraft,
  problems: Map<EvaluationField, string>,
  number: ReadNumber,
): EvaluationLane[] {
  const steps = readSteps(draft.steps);
  const rates = readRates(draft.lr);
  if (!steps) problems.set('steps', 'Write step counts from 0 to 1000, such as 5, or 0..5, or 1, 3, 5.');
  if (!rates) problems.set('lr', 'Write learning rates above 0, by commas, such as 0.01, 0.1.');
  const decays = readDecays(draft.weightDecay);
  if (!decays) problems.set('weightDecay', 'Write numbers from 0 to 100, by commas, such as 0, 0.1.');
  const scope = scopeOf(draft, problems);
  const lanes = gridLanes({
    steps: steps ?? [5],
    rates: rates ?? [0.1],
    learnings: learningsOf(draft.preset, decays ?? [], scope),
  });
  if (draft.mode === 'sweep') {
    if (steps && lanes.length < 2) problems.set('steps', 'A sweep needs at least one count above 0.');
    return lanes;
  }
  if (!draft.withControls) return lanes;
  const meanOf = draft.meanOf.trim() === '' ? null : number('meanOf', 1, 1000);
  const all = withControls(lanes, meanOf);
  if (all.length > 256) problems.set('steps', `These are ${all.length} lanes with controls; at most 256 go.`);
  return all;
}

function learningsOf(
  preset: EvaluationDraft['preset'],
  decays: readonly number[],
  scope: Scope | undefined,
): Parameters<typeof gridLanes>[0]['learnings'] {
  const own = scope === undefined ? {} : { scope };
  const each = (name: Preset) =>
    decays.length === 0
      ? [{ preset: name, ...own }]
      : decays.map((weightDecay) => ({ preset: name, weightDecay, ...own }));
  const [first, ...others] = preset === 'both' ? Preset.options.flatMap(each) : each(preset);
  return [first!, ...others];
}

/** Undefined is the whole prompt, as the reference has it. */
function scopeOf({ scope }: EvaluationDraft, problems: Map<EvaluationField, string>): Scope | undefined {
  if (scope.trim() === '') return undefined;
  const read = readScope(scope);
  if (!('problem' in read)) return read.kind === 'whole' ? undefined : read;
  problems.set('scope', `${read.problem}.`);
  return undefined;
}

function datasetOf(
  { data, split, file }: EvaluationDraft,
  problems: Map<EvaluationField, string>,
): EvaluationConfigInput['dataset'] {
  if (data !== 'file') {
    if (!/^\w{0,40}$/.test(split.trim()))
      problems.set('split', 'A split is named by letters, digits and underscores.');
    return { kind: 'named', name: data, split: split.trim() || null };
  }
  if (file.path.trim() === '') problems.set('path', 'Say where the file lies: its whole path.');
  const choices = file.choices
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const named = (name: 'subject' | 'system' | 'id') =>
    file[name].trim() === '' ? {} : { [name]: file[name].trim() };
  return {
    kind: 'file',
    path: file.path.trim(),
    columns: {
      question: file.question.trim() || 'question',
      answer: file.answer.trim() || 'answer',
      ...(choices.length === 0 ? {} : { choices: choices.length === 1 ? choices[0]! : choices }),
      ...named('subject'),
      ...named('system'),
      ...named('id'),
    },
    goldAfter: file.goldAfter === '' ? null : file.goldAfter,
    skipBroken: file.skipBroken,
  };
}

function formOf(
  { form, own }: EvaluationDraft,
  usual: Usual,
  problems: Map<EvaluationField, string>,
): EvaluationConfigInput['form'] {
  if (form !== 'own') return { kind: 'preset', name: form ?? usual.form };
  if (!own.user.includes('{{question}}')) problems.set('user', 'Say where the question goes: {{question}}.');
  return {
    kind: 'template',
    system: own.system.trim() === '' ? null : own.system,
    user: own.user,
    stops: readStops(own.stops).stops ?? [],
    raw: own.raw,
  };
}
