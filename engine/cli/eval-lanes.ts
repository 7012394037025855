/** The lanes of `eval` and the grid of `sweep`. */
import { badInput, type EvaluationLane, learningOf, PRESETS, type Preset } from '../protocol';
import type { EvalOptions } from './eval-options';
import type { NamedDeltas } from './given-deltas';
import { type LaneSpec, parseLanes, withControls } from './lanes';
import { listOf, number, rangeOf } from './option-values';

const DEFAULT_MEAN = 20;

/** @throws EngineError `bad-option` */
export function evalLanes(options: EvalOptions, deltas: NamedDeltas): EvaluationLane[] {
  const defaults = { steps: 5, lr: 0.1, preset: 'transformers' } as const;
  const written = parseLanes(options.lanes ?? '', defaults, deltas);
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

function laneOf(spec: LaneSpec, problems: number): EvaluationLane {
  const { name, steps, origin } = spec;
  if (origin.kind === 'prompts')
    throw badInput('bad-option', `--lanes: ${name}: prompts are the data set's here`);
  return {
    name,
    steps,
    ...learningOf(spec),
    origin: origin.kind === 'mean' ? { ...origin, problems } : origin,
  };
}

/** As commander leaves them. */
export type GridOptions = Pick<EvalOptions, 'steps' | 'lr' | 'presets' | 'weightDecay'>;

/** A lane of an evaluation, or of a run. */
export type GridLane = Pick<EvaluationLane, 'name' | 'steps'> &
  Partial<Pick<EvaluationLane, 'lr' | 'preset' | 'weightDecay'>>;

/** The baseline and each setting of the grid. @throws EngineError `bad-option` */
export function gridLanes(options: GridOptions): GridLane[] {
  const steps = rangeOf('steps', options.steps ?? '').filter((count) => count > 0);
  const rates = listOf('lr', options.lr ?? '').map(number);
  const presets = listOf('presets', options.presets ?? '').map(presetOf);
  const decays =
    options.weightDecay === undefined ? [undefined] : listOf('weight-decay', options.weightDecay);
  const lanes: GridLane[] = [{ name: 'baseline', steps: 0 }];
  for (const preset of presets)
    for (const decay of decays)
      for (const lr of rates)
        for (const count of steps) {
          const parts = `${preset === 'transformers' ? '' : `/${preset}`}${decay === undefined ? '' : `/wd${decay}`}`;
          const weightDecay = decay === undefined ? {} : { weightDecay: number(decay) };
          const name = `slot:${count}x${lr}${parts}`;
          lanes.push({ name, steps: count, lr, preset, ...weightDecay });
        }
  return lanes;
}

function presetOf(name: string): Preset {
  const preset = PRESETS.find((each) => each === name);
  if (preset) return preset;
  throw badInput('bad-option', `--presets: there is no preset "${name}"`, `Presets: ${PRESETS.join(', ')}.`);
}
