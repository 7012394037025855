/** The notation of lanes on the command line: `baseline,slot:5x0.1,again=random:5x0.1@7`. */
import {
  badInput,
  CONTROLS,
  type DeltaOrigin,
  GIVEN_NOTATION,
  isSlot,
  LaneSettings,
  LEARNING_NOTATION,
  type Learning,
  learningKey,
  type Prompt,
  readGiven,
  readLearning,
} from '../protocol';
import type { NamedDeltas } from './given-deltas';
import { number } from './option-values';

/** A lane as it is written; of `other` and `mean` the command knows the prompts. */
export interface LaneSpec extends Omit<LaneSettings, 'origin'> {
  readonly origin: DeltaOrigin | { readonly kind: 'other' } | { readonly kind: 'mean' };
}

/** For lanes that do not say: the command's own options. */
export type LaneDefaults = Learning & Pick<LaneSettings, 'steps'>;

const KINDS = [
  'baseline',
  'slot',
  'minus',
  'scaled',
  'centred',
  'given',
  'random',
  'template',
  'other',
  'mean',
  'temperature',
] as const;
type Kind = (typeof KINDS)[number];

/** For the help of a command. */
export const LANES_HELP =
  `lanes by commas, each [name=]kind[:STEPSxLR][/part…]; kinds: ${KINDS.join(', ')}; ` +
  `random takes @SEED, scaled @FACTOR: baseline,slot:5x0.1,random:5x0.1@7,scaled:5x0.1@-0.5; ` +
  `given adds deltas of --delta: ${GIVEN_NOTATION}; parts: ${LEARNING_NOTATION}`;

/** Of a delta that is put in at once. */
const NOT_LEARNED: LaneDefaults = { preset: 'transformers', lr: 0.1, steps: 1 };
const SEED_BY_DEFAULT = 1;
const FACTOR_BY_DEFAULT = 0.5;

/**
 * @param deltas that lanes of the kind `given` name
 * @throws EngineError `bad-option`: one line that names the lane and what is wrong with it
 */
export function parseLanes(
  text: string,
  defaults: LaneDefaults,
  deltas: NamedDeltas = new Map(),
): LaneSpec[] {
  const lanes = text.split(',').map((written) => parseLane(written.trim(), defaults, deltas));
  const twice = lanes.find(({ name }, i) => lanes.findIndex((lane) => lane.name === name) < i);
  if (twice) throw wrong(twice.name, 'two lanes have this name', 'Name one of them: again=slot:5x0.1.');
  return lanes;
}

/** The lanes, then those controls of each that is SLOT that are not there; names say whose where several are. */
export function withControls(lanes: readonly LaneSpec[]): LaneSpec[] {
  const slots = lanes.filter(isSlot);
  const controls = slots.flatMap((slot) =>
    CONTROLS.map(({ name, origin }) => {
      const wanted = slots.length === 1 ? name : `${name} of ${slot.name}`;
      return { ...slot, name: wanted, origin };
    }),
  );
  return [...lanes, ...controls.filter((control) => !lanes.some((lane) => isSame(lane, control)))];
}

/** Also where it is named otherwise. */
function isSame({ name, ...lane }: LaneSpec, { name: other, ...control }: LaneSpec): boolean {
  const inOrder = (of: Omit<LaneSpec, 'name'>) => [of.origin, of.steps, learningKey(of)];
  return JSON.stringify(inOrder(lane)) === JSON.stringify(inOrder(control)) || name === other;
}

/**
 * @param others prompts that the delta of `other` (the first) or `mean` (all) is learned from
 * @param hint what to do where there are none
 * @throws EngineError `bad-option` where a lane needs others and there are none
 */
export function resolveLane(spec: LaneSpec, others: readonly Prompt[], hint: string): LaneSettings {
  const { origin } = spec;
  if (origin.kind !== 'other' && origin.kind !== 'mean') return { ...spec, origin };
  const prompts = origin.kind === 'other' ? others.slice(0, 1) : [...others];
  if (prompts.length === 0) throw wrong(spec.name, 'there is no other prompt to learn its delta from', hint);
  return { ...spec, origin: { kind: 'prompts', prompts } };
}

const SHAPE =
  /^(?:(?<name>[^=:]*)=)?(?<kind>[a-z]*)(?::(?<steps>[^x/@]*)x(?<lr>[^/@]*))?(?<parts>(?:\/[^/@]*)*)(?:@(?<parameter>.*))?$/;

function parseLane(written: string, defaults: LaneDefaults, deltas: NamedDeltas): LaneSpec {
  const found = SHAPE.exec(written)?.groups;
  if (!found) throw wrong(written, 'it is not [name=]kind:STEPSxLR', 'For example slot:5x0.1.');
  const kind = KINDS.find((each) => each === found.kind);
  if (!kind) throw wrong(written, `"${found.kind}" is no kind of lane`, `Kinds: ${KINDS.join(', ')}.`);
  const hasSettings = found.steps !== undefined || found.parts !== '';
  if (kind === 'baseline' && hasSettings) throw wrong(written, 'the baseline takes no settings');
  checkParameter(written, kind, found);
  const settings = kind === 'given' ? NOT_LEARNED : { ...defaults, ...partsOf(written, found.parts ?? '') };
  const { origin, ...lane } = {
    ...settings,
    name: found.name?.trim() || written,
    steps: kind === 'baseline' ? 0 : found.steps === undefined ? settings.steps : number(found.steps),
    lr: found.lr === undefined ? settings.lr : number(found.lr),
    origin: originOf(written, kind, found.parameter, deltas),
  };
  const isLocal = origin.kind === 'other' || origin.kind === 'mean';
  const parsed = LaneSettings.safeParse(isLocal ? lane : { ...lane, origin });
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    throw wrong(written, `${path.map(String).at(-1)}: ${message}`);
  }
  return isLocal ? { ...parsed.data, origin } : parsed.data;
}

/** @throws EngineError `bad-option` */
function checkParameter(
  written: string,
  kind: Kind,
  { parameter, steps, parts }: Partial<Record<string, string>>,
): void {
  if (kind === 'given') {
    if (parameter === undefined) throw wrong(written, `say which delta: ${GIVEN_NOTATION}`);
    if (steps !== undefined || parts !== '')
      throw wrong(written, 'a given delta is not learned, so it takes no settings');
  } else if (kind !== 'random' && kind !== 'scaled' && parameter !== undefined)
    throw wrong(written, 'only random takes a seed, scaled a factor, and given its deltas after @');
}

function originOf(
  written: string,
  kind: Kind,
  parameter: string | undefined,
  deltas: NamedDeltas,
): LaneSpec['origin'] {
  if (kind === 'baseline' || kind === 'slot') return { kind: 'own' };
  if (kind === 'random') return { kind, seed: parameter === undefined ? SEED_BY_DEFAULT : number(parameter) };
  if (kind === 'scaled')
    return { kind, factor: parameter === undefined ? FACTOR_BY_DEFAULT : number(parameter) };
  if (kind !== 'given') return { kind };
  const read = readGiven(parameter ?? '', deltas);
  if ('problem' in read) throw wrong(written, read.problem);
  return read;
}

/** `/vllm/wd0.01/last-user`, in any order. */
function partsOf(written: string, parts: string): Partial<Omit<Learning, 'lr'>> {
  const read: Partial<Omit<Learning, 'lr'>> = {};
  for (const part of parts.split('/').slice(1)) {
    const setting = readLearning(part);
    if (!setting) throw wrong(written, `"${part}" is none of ${LEARNING_NOTATION}`);
    if ('problem' in setting) throw wrong(written, setting.problem);
    Object.assign(read, setting);
  }
  return read;
}

function wrong(lane: string, why: string, hint = 'See --help.') {
  return badInput('bad-option', `--lanes: ${lane === '' ? 'an empty lane' : lane}: ${why}`, hint);
}
