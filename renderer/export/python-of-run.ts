/** A Python script that repeats a run with PyTorch and transformers, and holds both to each other. */
import { type DeltaOrigin, isSlot, type LaneSettings, type RunEvent } from '../../engine/protocol';
import template from './repeat-run.py?raw';

type Started = Extract<RunEvent, { type: 'run.started' }>;

/** @param events of a run that has ended */
export function pythonOf(events: readonly RunEvent[]): string {
  const started = events.find((event) => event.type === 'run.started');
  if (!started) throw new Error('the run did not begin');
  const { model, config, at } = started;
  const repeated = config.lanes.filter((lane) => lane.steps === 0 || isSlot(lane) || madeOf(lane) !== null);
  const leftOut = config.lanes
    .filter((lane) => !repeated.includes(lane))
    .map((lane) => `${lane.name}: ${whyLeftOut(lane)}`);
  const run = {
    model: checkpointOf(started),
    dtype: model.dtype,
    at,
    greedy: config.generation.temperature === 0,
    left_out: leftOut,
    lanes: repeated.map((lane) => laneOf(lane, started, events)),
  };
  return template.replace('"RUN"', () => JSON.stringify(JSON.stringify(run)));
}

/**
 * A delta that is not what the steps came to: the sum of given ones, else what the lane's steps came to times a factor.
 * Null where a script cannot make it.
 */
function madeOf(lane: LaneSettings) {
  const { origin } = lane;
  // How many steps a limit lets through is not told of a control.
  const isFree = lane.klBudget === undefined && !lane.half?.stopsEarly;
  switch (origin.kind) {
    case 'given': {
      const terms = origin.terms.flatMap(({ factor, vector }) =>
        vector ? [{ factor, values: vector.values }] : [],
      );
      return terms.length === origin.terms.length ? { terms, factor: 1, centred: origin.centred } : null;
    }
    case 'minus':
      return isFree ? { terms: null, factor: -1, centred: false } : null;
    case 'scaled':
      return isFree ? { terms: null, factor: origin.factor, centred: false } : null;
    case 'centred':
      return isFree ? { terms: null, factor: 1, centred: true } : null;
    default:
      return null;
  }
}

const REASONS: Readonly<Record<DeltaOrigin['kind'], string>> = {
  own: '',
  given: 'the numbers of its given delta are not in the run',
  minus: 'how many steps its limit let through is not in the run',
  scaled: 'how many steps its limit let through is not in the run',
  centred: 'how many steps its limit let through is not in the run',
  random: "its delta is drawn by SLOT Studio's own generator",
  template: 'its delta is learned from the template with nothing said',
  prompts: 'its delta is learned from other prompts',
  temperature: 'it draws at a temperature matched to the entropy of SLOT',
};

function whyLeftOut({ origin }: LaneSettings): string {
  return REASONS[origin.kind];
}

/** What transformers can open: the run's own files, else the hub's of that name; null where neither is known. */
function checkpointOf({ model: { id, dtype }, config }: Started): string | null {
  const { folder } = config.model;
  if (folder !== null && (dtype.startsWith('safetensors') || folder.endsWith('.gguf'))) return folder;
  return id.includes('/') ? id : null;
}

function laneOf(lane: LaneSettings, started: Started, events: readonly RunEvent[]) {
  const { name, preset, lr, weightDecay, optimiser, betas, eps, forcedPrefix } = lane;
  const own = <T extends RunEvent['type']>(type: T) =>
    events.filter(
      (event): event is Extract<RunEvent, { type: T; lane: string }> =>
        event.type === type && 'lane' in event && event.lane === name,
    );
  const steps = own('slot.step');
  const [done] = own('slot.done');
  return {
    name,
    ids: own('lane.prompt')[0]?.ids ?? started.prompt.ids,
    forced: forcedPrefix,
    preset,
    lr,
    weight_decay: weightDecay ?? null,
    sgd: optimiser === 'sgd',
    betas: betas ?? null,
    eps: eps ?? null,
    weights: own('slot.scope')[0]?.weights ?? null,
    steps: isSlot(lane) ? steps.length : lane.steps,
    made_of: madeOf(lane),
    losses: done ? [...steps.map(({ loss }) => loss), done.finalLoss] : [],
    answer: own('lane.done')[0]?.ids ?? [],
  };
}
