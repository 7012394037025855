/** Events to view model, one pure step at a time: the only way a run reaches the screen. */
import type { RunEvent } from '../../engine/protocol';
import { assertNever } from '../ui/assert-never';
import {
  EMPTY_RUN,
  type EventOf,
  emptyLane,
  hasEnded,
  type LaneView,
  type RunView,
  type SampleView,
} from './run-view';

export function reduceRun(view: RunView, event: RunEvent): RunView {
  if (event.type === 'run.started') return startedRun(view, event);
  // Nothing follows the event that ends a run; what comes all the same must not undo the outcome.
  if (hasEnded(view)) return view;

  switch (event.type) {
    case 'notice':
      return {
        ...view,
        notices: [...view.notices, { code: event.code, message: event.message, lane: event.lane ?? null }],
      };
    case 'prompt.progress':
      // Prompts that controls learn from are read and learned from in turn, before the run's own.
      return {
        ...view,
        phase: 'reading',
        preparing: null,
        reading: { tokens: event.tokens, total: event.total, ms: null },
      };
    case 'prompt.prefilled':
      return { ...view, reading: { tokens: event.tokens, total: event.tokens, ms: event.ms } };
    case 'slot.progress':
      return {
        ...view,
        phase: 'optimising',
        preparing: { positions: event.positions, total: event.total },
        learning: null,
      };
    case 'slot.source':
      return { ...view, phase: 'optimising', learning: event };
    case 'slot.step':
      return changeLane({ ...view, phase: 'optimising', preparing: null, learning: null }, event);
    case 'lane.draft':
    case 'token':
      return changeLane({ ...view, phase: 'writing' }, event);
    case 'lane.prompt':
    case 'lane.temperature':
    case 'slot.scope':
    case 'slot.explained':
    case 'slot.done':
    case 'lane.done':
    case 'lane.failed':
    case 'sample.token':
    case 'sample.done':
      return changeLane(view, event);
    case 'run.done':
      return { ...stopLanes(view), phase: 'done', timings: event.ms };
    case 'run.failed':
      return {
        ...stopLanes(view),
        phase: 'failed',
        failure: { kind: event.kind, code: event.code, message: event.message, hint: event.hint },
      };
    case 'run.cancelled':
      return { ...stopLanes(view), phase: 'cancelled' };
    default:
      return assertNever(event);
  }
}

export function reduceEvents(view: RunView, events: Iterable<RunEvent>): RunView {
  let next = view;
  for (const event of events) next = reduceRun(next, event);
  return next;
}

function startedRun(before: RunView, event: EventOf<'run.started'>): RunView {
  return {
    ...EMPTY_RUN,
    runId: event.runId,
    phase: 'reading',
    config: event.config,
    model: event.model,
    prompt: event.prompt,
    groups: event.groups ?? null,
    lanes: event.config.lanes.map(emptyLane),
    // The engine may warn before it starts: about the model, for example.
    notices: before.runId === event.runId ? before.notices : [],
  };
}

type LaneEvent = EventOf<
  | 'lane.prompt'
  | 'lane.temperature'
  | 'lane.draft'
  | 'slot.done'
  | 'slot.scope'
  | 'slot.explained'
  | 'slot.step'
  | 'token'
  | 'lane.done'
  | 'lane.failed'
  | 'sample.token'
  | 'sample.done'
>;

/** Events of lanes that the run does not have are dropped. */
function changeLane(view: RunView, event: LaneEvent): RunView {
  const lanes = view.lanes.map((lane) => (lane.name === event.lane ? reduceLane(lane, event) : lane));
  return { ...view, lanes };
}

function reduceLane(lane: LaneView, event: LaneEvent): LaneView {
  switch (event.type) {
    case 'lane.prompt':
      return { ...lane, prompt: { text: event.text, ids: event.ids, tokens: event.tokens } };
    case 'lane.temperature':
      return { ...lane, temperature: event };
    case 'slot.scope':
      return { ...lane, scope: event };
    case 'slot.explained':
      return { ...lane, explained: [...lane.explained, event] };
    case 'slot.step':
      return { ...lane, state: 'optimising', steps: [...lane.steps, event] };
    case 'slot.done':
      return { ...lane, state: 'waiting', slot: event };
    case 'token':
      return { ...lane, state: 'writing', draft: null, tokens: [...lane.tokens, event] };
    case 'lane.draft':
      return { ...lane, state: 'writing', draft: event.text };
    case 'lane.done': {
      const state = lane.failure ? 'failed' : event.reason === 'cancelled' ? 'stopped' : 'done';
      return { ...lane, state, draft: null, end: event };
    }
    case 'lane.failed': {
      const { code, message, hint, step = null } = event;
      return { ...lane, state: 'failed', failure: { code, message, hint, step } };
    }
    case 'sample.token':
      return changeSample(lane, event.sample, ({ tokens }) => ({ tokens: [...tokens, event] }));
    case 'sample.done':
      return changeSample(lane, event.sample, () => ({ end: event }));
    default:
      return assertNever(event);
  }
}

function changeSample(
  lane: LaneView,
  sample: number,
  change: (view: SampleView) => Partial<SampleView>,
): LaneView {
  const at = lane.samples.findIndex((each) => each.sample === sample);
  const view = lane.samples[at] ?? { sample, tokens: [], end: null };
  const changed = { ...view, ...change(view) };
  return { ...lane, samples: at < 0 ? [...lane.samples, changed] : lane.samples.with(at, changed) };
}

function stopLanes(view: RunView): RunView {
  return {
    ...view,
    lanes: view.lanes.map((lane) =>
      lane.state === 'done' || lane.state === 'failed' ? lane : { ...lane, state: 'stopped' },
    ),
  };
}
