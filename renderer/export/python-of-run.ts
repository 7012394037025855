/** A Python script that repeats a run with PyTorch and transformers, and holds both to each other. */
import { isSlot, type LaneSettings, type RunEvent } from '../../engine/protocol';
import template from './repeat-run.py?raw';

type Started = Extract<RunEvent, { type: 'run.started' }>;

/** @param events of a run that has ended */
export function pythonOf(events: readonly RunEvent[]): string {
  const started = events.find((event) => event.type === 'run.started');
  if (!started) throw new Error('the run did not begin');
  const { model, config, at } = started;
  const repeated = config.lanes.filter((lane) => lane.steps === 0 || isSlot(lane));
  const leftOut = config.lanes.filter((lane) => !repeated.includes(lane)).map(({ name }) => name);
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
    losses: done ? [...steps.map(({ loss }) => loss), done.finalLoss] : [],
    answer: own('lane.done')[0]?.ids ?? [],
  };
}
