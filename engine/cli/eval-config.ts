/** From the options of `eval` and `sweep` to an evaluation. */
import {
  badInput,
  DATASET_NAMES,
  EvaluationConfig,
  type EvaluationConfigInput,
  type EvaluationOptions,
  GraderName,
} from '../protocol';
import { evalLanes, gridLanes } from './eval-lanes';
import { DEFAULT_CAP, type EvalOptions } from './eval-options';
import type { NamedDeltas } from './given-deltas';
import { listOf, number } from './option-values';
import { readVariables } from './prompt-options';
import { modelOf } from './run-config';

/** @throws EngineError `bad-option` that names the option */
export function evalConfig(
  options: EvalOptions,
  known: EvaluationOptions,
  deltas: NamedDeltas,
): EvaluationConfig {
  return configOf(options, known, evalLanes(options, deltas), null);
}

/** @throws EngineError `bad-option` that names the option */
export function sweepConfig(
  options: EvalOptions,
  known: EvaluationOptions,
  deltas: NamedDeltas,
): EvaluationConfig {
  const lanes = options.lanes === undefined ? gridLanes(options) : evalLanes(options, deltas);
  return configOf(options, known, lanes, { split: options.halves ?? true });
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
      ...modelOf(options),
      dtype: options.dtype ?? null,
      device: options.device,
      memorySaver: options.memorySaver ?? false,
      arithmetic: options.arithmetic,
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

function optional(text: string | undefined): number | null {
  return text === undefined ? null : number(text);
}
