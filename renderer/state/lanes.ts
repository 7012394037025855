/** The lanes as the user sets them up, and what can be done to their list. */
import { z } from 'zod';
import { CONTROLS, type LaneSettings, MAX_LANES, Preset } from '../../engine/protocol';
import { ORIGIN_TEXTS, OriginDraft, OWN_DELTA, originDraft } from './lane-origin';
import { LearningDraft, learningDraft, REFERENCE_LEARNING } from './learning-draft';

/** Where a branch left the answer that it continues differently. */
export const BranchOrigin = z.object({
  /** The lane's name then. */
  lane: z.string(),
  turn: z.string(),
  index: z.int().min(0),
  token: z.string(),
});
export type BranchOrigin = z.infer<typeof BranchOrigin>;

/** Numbers stay text until a run starts, so that a wrong one can be shown, explained and kept. */
export const LaneDraft = z.object({
  /** Stays when the name changes; answers hang on it. */
  id: z.string().min(1).max(80),
  name: z.string(),
  preset: Preset,
  steps: z.string(),
  lr: z.string(),
  /** Empty where it is the preset's. */
  weightDecay: z.string().default(''),
  learning: LearningDraft.default(REFERENCE_LEARNING),
  origin: OriginDraft.default(OWN_DELTA),
  branch: BranchOrigin.nullable(),
});
export type LaneDraft = z.infer<typeof LaneDraft>;

export type LaneSetup = Omit<LaneDraft, 'id' | 'branch'>;

export const SLOT: LaneSetup = {
  name: 'slot',
  preset: 'transformers',
  steps: '5',
  lr: '0.1',
  weightDecay: '',
  learning: REFERENCE_LEARNING,
  origin: OWN_DELTA,
};
const BASELINE: LaneSetup = { ...SLOT, name: 'baseline', steps: '0' };

export const DEFAULT_LANES: readonly LaneDraft[] = [
  { id: 'baseline', ...BASELINE, branch: null },
  { id: 'slot', ...SLOT, branch: null },
];

/** A run's lane as it would have been set up. */
export function setupOf({
  name,
  preset,
  steps,
  lr,
  weightDecay,
  origin,
  ...learning
}: LaneSettings): LaneSetup {
  return {
    name,
    preset,
    steps: String(steps),
    lr: String(lr),
    weightDecay: weightDecay === undefined ? '' : String(weightDecay),
    learning: learningDraft(learning),
    origin: originDraft(origin),
  };
}

export interface LanePreset {
  readonly title: string;
  readonly meaning: string;
  readonly setup: LaneSetup;
}

export const LANE_PRESETS: readonly LanePreset[] = [
  { title: 'Baseline', meaning: 'The model as it is: 0 steps.', setup: BASELINE },
  { title: 'SLOT 5 steps', meaning: "The reference's own settings: 5 steps, lr 0.1.", setup: SLOT },
  {
    title: 'SLOT 3 steps',
    meaning: 'A lighter touch: 3 steps, lr 0.1.',
    setup: { ...SLOT, name: 'slot 3 steps', steps: '3' },
  },
  {
    title: 'SLOT lr 1',
    meaning: 'Ten times the reference rate: shows how SLOT can overshoot.',
    setup: { ...SLOT, name: 'slot lr 1', lr: '1' },
  },
  {
    title: 'vLLM preset',
    meaning: 'AdamW as in the vLLM runner: the gradient divided by n−1 once more.',
    setup: { ...SLOT, name: 'slot vllm', preset: 'vllm' },
  },
];

/** `wanted`, or the first of `wanted 2`, `wanted 3`, … that no lane has. */
export function freeName(lanes: readonly Pick<LaneDraft, 'name'>[], wanted: string): string {
  const taken = new Set(lanes.map(({ name }) => name.trim()));
  let name = wanted;
  for (let number = 2; taken.has(name); number++) name = `${wanted} ${number}`;
  return name;
}

export function addLane(lanes: readonly LaneDraft[], setup: LaneSetup, id: string): readonly LaneDraft[] {
  if (lanes.length >= MAX_LANES) return lanes;
  return [...lanes, { ...setup, id, name: freeName(lanes, setup.name), branch: null }];
}

/** The copy stands beside its original. */
export function duplicateLane(lanes: readonly LaneDraft[], id: string, copyId: string): readonly LaneDraft[] {
  const at = lanes.findIndex((lane) => lane.id === id);
  const lane = lanes[at];
  if (!lane || lanes.length >= MAX_LANES) return lanes;
  const copy = { ...lane, id: copyId, name: freeName(lanes, `${lane.name} copy`) };
  return lanes.toSpliced(at + 1, 0, copy);
}

export function moveLane(lanes: readonly LaneDraft[], id: string, by: -1 | 1): readonly LaneDraft[] {
  const at = lanes.findIndex((lane) => lane.id === id);
  const lane = lanes[at];
  const to = at + by;
  if (!lane || to < 0 || to >= lanes.length) return lanes;
  return lanes.toSpliced(at, 1).toSpliced(to, 0, lane);
}

/** One lane always stays. */
export function removeLane(lanes: readonly LaneDraft[], id: string): readonly LaneDraft[] {
  return lanes.length > 1 ? lanes.filter((lane) => lane.id !== id) : lanes;
}

/** Whether it has been set up as this lane's control: a delta of another kind, with the same settings. */
function isControlOf(lane: LaneDraft, slot: LaneDraft): boolean {
  return slot.origin.kind === 'own' && lane.origin.kind !== 'own' && settingsOf(lane) === settingsOf(slot);
}

function settingsOf({ preset, steps, lr, weightDecay, learning }: LaneSetup): string {
  return JSON.stringify([preset, steps, lr, weightDecay, Object.entries(learning).sort()]);
}

function isSlotLane({ steps, origin }: LaneSetup): boolean {
  return origin.kind === 'own' && numberIn(steps) !== 0;
}

interface ControlsOfSlot {
  /** Null where no lane is SLOT. */
  readonly slot: LaneDraft | null;
  readonly missing: readonly LaneSetup[];
  /** Ids of those that are there. */
  readonly present: readonly string[];
}

/** The controls of the first SLOT lane, with its settings. */
export function controlsOfSlot(lanes: readonly LaneDraft[]): ControlsOfSlot {
  const slot = lanes.find(isSlotLane) ?? null;
  if (!slot) return { slot, missing: [], present: [] };
  const { id: _, branch: __, ...setup } = slot;
  const setups = CONTROLS.map(
    ({ name, origin }): LaneSetup => ({ ...setup, name, origin: originDraft(origin) }),
  );
  const key = (lane: LaneSetup) =>
    [settingsOf(lane), lane.origin.kind, lane.origin.kind === 'random' && lane.origin.seed].join();
  const there = new Map(lanes.toReversed().map((lane) => [key(lane), lane.id]));
  return {
    slot,
    missing: setups.filter((setup) => !there.has(key(setup))),
    present: setups.flatMap((setup) => there.get(key(setup)) ?? []),
  };
}

/** Its controls keep SLOT's settings. A name that was made of settings follows them; one of the user's own stays. */
export function changeLane(
  lanes: readonly LaneDraft[],
  id: string,
  part: Partial<LaneSetup>,
): readonly LaneDraft[] {
  const others = lanes.filter((lane) => lane.id !== id);
  const before = lanes.find((lane) => lane.id === id);
  const { name: _, origin: __, ...settings } = part;
  return lanes.map((lane) => {
    if (lane.id !== id) return before && isControlOf(lane, before) ? { ...lane, ...settings } : lane;
    const changed = { ...lane, ...part };
    if (part.origin && part.origin.kind !== lane.origin.kind)
      return { ...changed, name: nameAfterOrigin(lane.name, changed, others) };
    return part.name === undefined ? { ...changed, name: nameAfter(lane.name, changed, others) } : changed;
  });
}

/** `baseline`, or what differs from the reference: `slot 3 steps lr 1 vllm`. Perhaps with a number that tells it apart. */
const MADE_OF_SETTINGS = /^(?:baseline|slot(?: \S+ steps)?(?: lr \S+)?(?: vllm)?)(?<number> \d+)?$/;

function nameAfter(name: string, lane: LaneDraft, others: readonly LaneDraft[]): string {
  const made = MADE_OF_SETTINGS.exec(name.trim());
  const bare = name.trim().slice(0, name.trim().length - (made?.groups?.number?.length ?? 0));
  // "slot" says nothing of its settings, so that nothing of it becomes untrue.
  if (!made || bare === SLOT.name) return name;
  const wanted = nameOf(lane);
  return wanted === null || wanted === bare ? name : freeName(others, wanted);
}

/** Named after its kind, unless the user has given it a name. */
function nameAfterOrigin(name: string, lane: LaneDraft, others: readonly LaneDraft[]): string {
  const bare = name.trim().replace(/ \d+$/, '');
  const isMade =
    MADE_OF_SETTINGS.test(name.trim()) || Object.values(ORIGIN_TEXTS).some(({ lane: kind }) => kind === bare);
  if (!isMade) return name;
  const wanted =
    lane.origin.kind === 'own' ? (nameOf(lane) ?? SLOT.name) : ORIGIN_TEXTS[lane.origin.kind].lane;
  return freeName(others, wanted);
}

/** Null while a number is being typed. */
function nameOf({ steps, lr, preset }: LaneSetup): string | null {
  const count = numberIn(steps);
  const rate = numberIn(lr);
  if (count === 0) return BASELINE.name;
  if (!(count > 0 && rate > 0)) return null;
  const parts = [
    count === Number(SLOT.steps) ? '' : ` ${count} steps`,
    rate === Number(SLOT.lr) ? '' : ` lr ${rate}`,
    preset === SLOT.preset ? '' : ` ${preset}`,
  ];
  return `${SLOT.name}${parts.join('')}`;
}

/** Number('') would be 0. */
function numberIn(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text);
}

/** As many as there can be lanes, so that no two look the same. */
export const ADAPTING_TONES = MAX_LANES;

/**
 * The colour of each lane: 0 for lanes without delta, 1 to 8 in turn for those that adapt, as in the charts. A branch
 * has the colour of its stem, so that the other lanes keep theirs.
 */
export function laneTones(
  lanes: readonly Pick<LaneDraft, 'name' | 'steps' | 'origin' | 'branch'>[],
): number[] {
  const tones = new Map<string, number>();
  for (const { name, steps, origin, branch } of lanes) {
    if (branch && lanes.some((stem) => stem.branch === null && stem.name.trim() === branch.lane)) continue;
    const hasNoDelta = Number(steps) === 0 || origin.kind === 'temperature';
    const adapting = [...tones.values()].filter((tone) => tone > 0).length;
    tones.set(name.trim(), hasNoDelta ? 0 : 1 + (adapting % ADAPTING_TONES));
  }
  return lanes.map(({ name, branch }) => tones.get(name.trim()) ?? tones.get(branch?.lane ?? '') ?? 0);
}
