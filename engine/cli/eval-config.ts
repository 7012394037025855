/** From the options of `eval` and `sweep` to an evaluation. */
import {
  badInput,
  DATASET_NAMES,
  EvaluationConfig,
  type EvaluationConfigInput,
  type EvaluationLane,
  type EvaluationOptions,
  GraderName,
} from '../protocol';
import { DEFAULT_CAP, type EvalOptions } from './eval-options';
import { type LaneSpec, parseLanes, withControls } from './lanes';
import { readVariables } from './prompt-options';

const DEFAULT_MEAN = 20;

/** @throws EngineError `bad-option` that names the option */
export function evalConfig(options: EvalOptions, known: EvaluationOptions): EvaluationConfig {
  return configOf(options, known, evalLanes(options), null);
}

/** @throws EngineError `bad-option` that names the option */
export function sweepConfig(options: EvalOptions, known: EvaluationOptions): EvaluationConfig {
  return configOf(options, known, options.lanes === undefined ? gridLanes(options) : evalLanes(options), {
    split: options.halves ?? true,
  });
}

function configOf(
  options: EvalOptions,
  known: EvaluationOptions,
  lanes: EvaluationConfigInput['lanes'],
  sweep: EvaluationConfigInput['sweep'],
): EvaluationConfig {
  const data = options.data ?? '';
  if (data === '') throw badInput('bad-option', '--data: say which data set or file', 'See --help.');
  const usual = known.datasets.find(({ name }) => name === data);
  const form = formOf(options, usual?.form);
  const cap = known.forms.find(({ name }) => form.kind === 'preset' && name === form.name)?.maxNewTokens;
  const parsed = EvaluationConfig.safeParse({
    model: {
      folder: options.model ?? null,
      dtype: options.dtype ?? null,
      device: options.device,
      memorySaver: options.memorySaver ?? false,
    },
    dataset: datasetOf(options, data),
    selection: {
      limit: optional(options.limit),
      offset: number(options.offset),
      shuffle: optional(options.shuffle),
      half: options.half ?? null,
      salt: options.salt,
    },
    form,
    template: { variables: readVariables(options.templateVar ?? []), date: options.templateDate ?? null },
    lanes,
    graders: gradersOf(options, usual?.graders),
    generation: {
      maxNewTokens: options.maxNewTokens === undefined ? (cap ?? DEFAULT_CAP) : number(options.maxNewTokens),
      temperature: number(options.temperature),
      topP: number(options.topP),
      seed: number(options.seed),
      ignoreEos: options.ignoreEos ?? false,
    },
    samples: number(options.samples),
    passAt: options.passAt === undefined ? [] : listOf('pass-at', options.passAt).map(number),
    rows: number(options.rows),
    sweep,
    acceptRejected: !options.refuseRejected,
  });
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  const field = String(path.findLast((part) => typeof part === 'string') ?? 'eval');
  const option =
    OPTION_OF_FIELD.get(field) ?? field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw badInput('bad-option', `--${option}: ${message}`, 'See --help.');
}

/** Options whose names are not their fields'. */
const OPTION_OF_FIELD: ReadonlyMap<string, string> = new Map([
  ['folder', 'model'],
  ['dataset', 'data'],
  ['path', 'data'],
  ['name', 'form'],
  ['variables', 'template-var'],
  ['date', 'template-date'],
]);

function datasetOf(options: EvalOptions, data: string): unknown {
  if (DATASET_NAMES.some((name) => name === data)) {
    const ofFile = (['format', 'columns', 'goldAfter', 'skipBroken'] as const).find((name) => options[name]);
    if (ofFile) throw badInput('bad-option', `--data ${data}: a named data set takes no option of a file`);
    return { kind: 'named', name: data, split: options.split ?? null };
  }
  if (options.split !== undefined) throw badInput('bad-option', '--split: a file has no splits');
  return {
    kind: 'file',
    path: data,
    format: options.format ?? null,
    columns: columnsOf(options.columns),
    goldAfter: options.goldAfter ?? null,
    skipBroken: options.skipBroken ?? false,
  };
}

function columnsOf(text: string | undefined): Record<string, string | string[]> {
  const columns: Record<string, string | string[]> = {};
  for (const pair of text === undefined ? [] : text.split(',')) {
    const [, field, column] = /^\s*(\w+)\s*=(.+)$/s.exec(pair) ?? [];
    if (field === undefined || column === undefined)
      throw badInput(
        'bad-option',
        `--columns: "${pair}" is not field=column`,
        'For example question=problem,answer=solution.',
      );
    columns[field] = field === 'choices' && column.includes('+') ? column.split('+') : column;
  }
  return columns;
}

function formOf(
  options: EvalOptions,
  usual: string | undefined,
): { kind: 'preset'; name: string } | { kind: 'template' } {
  const { user, system, stop, rawForm, form } = options;
  if (user === undefined) {
    if (system !== undefined || stop.length > 0 || rawForm)
      throw badInput(
        'bad-option',
        '--system, --stop and --raw-form go with --user',
        'Give --user, a form of your own.',
      );
    return { kind: 'preset', name: form ?? usual ?? 'bare' };
  }
  if (form !== undefined) throw badInput('bad-option', 'give --form or --user, not both');
  const template = {
    kind: 'template',
    user,
    system: system ?? null,
    stops: [...stop],
    raw: rawForm ?? false,
  } as const;
  return template;
}

function gradersOf(
  { graders, pattern }: EvalOptions,
  usual: readonly GraderName[] = ['number'],
): { name: string }[] {
  const names = graders === undefined ? usual : graders.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !GraderName.safeParse(name).success);
  if (unknown !== undefined)
    throw badInput(
      'bad-option',
      `--graders: there is no grader "${unknown}"`,
      `Graders: ${GraderName.options.join(', ')}.`,
    );
  if (names.includes('regex') !== (pattern !== undefined))
    throw badInput('bad-option', '--pattern goes with the grader regex, and it needs one');
  return names.map((name) => (name === 'regex' ? { name, pattern } : { name }));
}

function evalLanes(options: EvalOptions): EvaluationLane[] {
  const defaults = { steps: 5, lr: 0.1, preset: 'transformers' } as const;
  const written = parseLanes(options.lanes ?? '', defaults);
  const specs = options.withControls ? withDataControls(written, options) : written;
  const problems = options.meanOf === undefined ? DEFAULT_MEAN : number(options.meanOf);
  return specs.map((spec) => laneOf(spec, problems));
}

/** Those of a run, and the two that need other problems: a mean only where some are left to take it over. */
function withDataControls(lanes: readonly LaneSpec[], { limit, meanOf }: EvalOptions): LaneSpec[] {
  const slots = lanes.filter(({ steps, origin }) => steps > 0 && origin.kind === 'own');
  const kinds =
    limit === undefined && meanOf === undefined ? (['other'] as const) : (['other', 'mean'] as const);
  const added = slots.flatMap((slot) =>
    kinds.map((kind) => ({
      ...slot,
      name: slots.length === 1 ? kind : `${kind} of ${slot.name}`,
      origin: { kind },
    })),
  );
  return [...withControls(lanes), ...added.filter(({ name }) => !lanes.some((lane) => lane.name === name))];
}

function laneOf(
  { name, preset, steps, lr, weightDecay, origin }: LaneSpec,
  problems: number,
): EvaluationLane {
  const own = weightDecay === undefined ? {} : { weightDecay };
  if (origin.kind === 'prompts')
    throw badInput('bad-option', `--lanes: ${name}: prompts are the data set's here`);
  return {
    name,
    preset,
    steps,
    lr,
    ...own,
    origin: origin.kind === 'mean' ? { ...origin, problems } : origin,
  };
}

/** The baseline and each setting of the grid. */
function gridLanes(options: EvalOptions): EvaluationConfigInput['lanes'] {
  const steps = rangeOf('steps', options.steps ?? '').filter((count) => count > 0);
  const rates = listOf('lr', options.lr ?? '').map(number);
  const presets = listOf('presets', options.presets ?? '');
  const decays =
    options.weightDecay === undefined ? [undefined] : listOf('weight-decay', options.weightDecay);
  const lanes: EvaluationConfigInput['lanes'] = [{ name: 'baseline', steps: 0 }];
  for (const preset of presets)
    for (const decay of decays)
      for (const lr of rates)
        for (const count of steps) {
          const parts = `${preset === 'transformers' ? '' : `/${preset}`}${decay === undefined ? '' : `/wd${decay}`}`;
          const weightDecay = decay === undefined ? {} : { weightDecay: number(decay) };
          const name = `slot:${count}x${lr}${parts}`;
          lanes.push({ name, steps: count, lr, preset: preset as EvaluationLane['preset'], ...weightDecay });
        }
  return lanes;
}

function listOf(option: string, text: string): string[] {
  const parts = text.split(',').map((part) => part.trim());
  if (parts.includes('')) throw badInput('bad-option', `--${option}: a value is missing in "${text}"`);
  if (new Set(parts).size < parts.length)
    throw badInput('bad-option', `--${option}: a value stands twice in "${text}"`);
  return parts;
}

/** `0..5`, `1,3,5`, or both. */
function rangeOf(option: string, text: string): number[] {
  const values = listOf(option, text).flatMap((part) => {
    const [, from, to] = /^(\d+)\.\.(\d+)$/.exec(part) ?? [];
    if (from === undefined || to === undefined) return [number(part)];
    const [first, last] = [Number(from), Number(to)];
    if (last < first || last - first > 1000)
      throw badInput('bad-option', `--${option}: ${part} is no range`, 'Write it as 0..5.');
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
  return [...new Set(values)];
}

function optional(text: string | undefined): number | null {
  return text === undefined ? null : number(text);
}

/** Not a number where nothing is written: Number('') would be 0. */
function number(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text);
}
