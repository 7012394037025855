/** The view model of one run: all that the window draws, whether the run is live or read from disk. */
import {
  adapts,
  type Failure,
  isSlot,
  type LaneSettings,
  type RunConfig,
  type RunEvent,
  type SampleDone,
  type SampledToken,
  type SlotDone,
  type SlotExplained,
  type SlotScope,
  type SlotStep,
  type TokenEvent,
} from '../../engine/protocol';

export type EventOf<T extends RunEvent['type']> = Extract<RunEvent, { type: T }>;

export type RunPhase =
  | 'idle'
  /** Asked for; the engine is opening the model or finishing another run. */
  | 'requested'
  | 'reading'
  | 'optimising'
  | 'writing'
  | 'done'
  | 'failed'
  | 'cancelled';

export interface LaneFailure extends Omit<Failure, 'kind'> {
  /** The SLOT step where it happened; null in decoding. */
  readonly step: number | null;
}

interface NoticeView {
  readonly code: string;
  readonly message: string;
  readonly lane: string | null;
}

export type PromptView = EventOf<'run.started'>['prompt'];
type GroupMembers = NonNullable<EventOf<'run.started'>['groups']>;

/** One of a lane's several answers. */
export interface SampleView {
  /** 0 is the lane's own answer, whose tokens are the lane's. */
  readonly sample: number;
  readonly tokens: readonly SampledToken[];
  readonly end: SampleDone | null;
}

export interface LaneView {
  readonly name: string;
  readonly settings: LaneSettings;
  /** Its own prompt; null where it answers the run's. */
  readonly prompt: PromptView | null;
  readonly state: 'waiting' | 'optimising' | 'writing' | 'done' | 'failed' | 'stopped';
  /** What its delta is learned from; null where that is the whole prompt, or is not known yet. */
  readonly scope: SlotScope | null;
  /** Tokens whose shift is told by prompt token. */
  readonly explained: readonly SlotExplained[];
  /** One entry per update of delta, in order. */
  readonly steps: readonly SlotStep[];
  readonly slot: SlotDone | null;
  /** What a lane draws at that is matched to SLOT's entropy, once it is known. */
  readonly temperature: EventOf<'lane.temperature'> | null;
  readonly tokens: readonly TokenEvent[];
  /** What a server has written, as long as its tokens are not told. */
  readonly draft: string | null;
  readonly end: EventOf<'lane.done'> | null;
  /** Of a run that draws several; in the order in which they began. */
  readonly samples: readonly SampleView[];
  readonly failure: LaneFailure | null;
}

export interface RunView {
  readonly runId: string | null;
  readonly phase: RunPhase;
  readonly config: RunConfig | null;
  readonly model: EventOf<'run.started'>['model'] | null;
  readonly prompt: PromptView | null;
  /** The token groups it follows; null in runs that do not name their members. */
  readonly groups: GroupMembers | null;
  readonly reading: { readonly tokens: number; readonly total: number; readonly ms: number | null } | null;
  /** Logits of the prompt, before the first step of a lane. */
  readonly preparing: { readonly positions: number; readonly total: number } | null;
  /** The last step on another prompt, which controls learn from. */
  readonly learning: EventOf<'slot.source'> | null;
  readonly lanes: readonly LaneView[];
  readonly notices: readonly NoticeView[];
  readonly failure: Failure | null;
  readonly timings: EventOf<'run.done'>['ms'] | null;
}

export const EMPTY_RUN: RunView = {
  runId: null,
  phase: 'idle',
  config: null,
  model: null,
  prompt: null,
  groups: null,
  reading: null,
  preparing: null,
  learning: null,
  lanes: [],
  notices: [],
  failure: null,
  timings: null,
};

/** A run that was asked for and has sent no event yet. */
export function requestedRun(runId: string, config: RunConfig): RunView {
  return { ...EMPTY_RUN, runId, config, phase: 'requested', lanes: config.lanes.map(emptyLane) };
}

export function emptyLane(settings: LaneSettings): LaneView {
  return {
    name: settings.name,
    settings,
    prompt: null,
    state: 'waiting',
    scope: null,
    explained: [],
    steps: [],
    slot: null,
    temperature: null,
    tokens: [],
    draft: null,
    end: null,
    samples: [],
    failure: null,
  };
}

export function hasEnded(view: RunView): boolean {
  return view.phase === 'done' || view.phase === 'failed' || view.phase === 'cancelled';
}

export function isRunning(view: RunView): boolean {
  return view.phase !== 'idle' && !hasEnded(view);
}

export function hasTokens(lane: LaneView): boolean {
  return lane.tokens.length > 0;
}

/** The lanes that adapt, in order: those whose curves and shifts there are to see. */
export function adaptingLanes(view: RunView): readonly LaneView[] {
  return view.lanes.filter((lane) => adapts(lane.settings));
}

/** A control puts its whole delta in at once. */
export function plannedSteps(settings: LaneSettings): number {
  if (!adapts(settings)) return 0;
  return isSlot(settings) ? settings.steps : 1;
}

/** The most updates any lane is to take: the end of the charts' axis. */
export function stepsPlanned(view: RunView): number {
  return view.lanes.reduce((most, lane) => Math.max(most, plannedSteps(lane.settings)), 0);
}

/** The most updates any lane has shown so far: the end of the step slider. */
export function stepsShown(view: RunView): number {
  return view.lanes.reduce((most, lane) => Math.max(most, lane.steps.length), 0);
}
