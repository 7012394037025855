/** The options of `run` that make its lanes. */
import { badInput, isSlot, LaneSettings, MAX_LANES, type Preset, type Prompt } from '../protocol';
import { type LaneDefaults, parseLanes, resolveLane, withControls } from './lanes';
import { number } from './option-values';

export interface LaneOptions {
  readonly lanes: string;
  readonly withControls?: boolean;
  readonly otherPrompt?: readonly string[];
  readonly preset: string;
  readonly steps: string;
  readonly lr: string;
  readonly weightDecay?: string;
}

/** @throws EngineError `bad-option` where they do not make the lanes of one run */
export function readLanes(options: LaneOptions, prompt: Prompt): LaneSettings[] {
  const written = parseLanes(options.lanes, readDefaults(options));
  if (options.withControls && !written.some(isSlot))
    throw badInput('bad-option', '--with-controls: no lane is SLOT', 'Add one: --lanes baseline,slot.');
  const lanes = options.withControls ? withControls(written) : written;
  if (lanes.length > MAX_LANES) {
    throw badInput(
      'bad-option',
      `--lanes: ${lanes.length} lanes, but one run has at most ${MAX_LANES}`,
      options.withControls ? 'Leave lanes out, or name the controls that matter.' : 'Run twice.',
    );
  }
  const usesOthers = lanes.some(({ origin: { kind } }) => kind === 'other' || kind === 'mean');
  if (options.otherPrompt && !usesOthers)
    throw badInput('bad-option', '--other-prompt goes with a lane of the kind other or mean', 'See --help.');
  const others = (options.otherPrompt ?? []).map((text) => otherPrompt(prompt, text));
  return lanes.map((lane) => resolveLane(lane, others, 'Give one with --other-prompt.'));
}

function readDefaults({ steps, lr, preset, weightDecay }: LaneOptions): LaneDefaults {
  const parsed = Defaults.safeParse({
    steps: number(steps),
    lr: number(lr),
    preset: preset as Preset,
    ...(weightDecay === undefined ? {} : { weightDecay: number(weightDecay) }),
  });
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  const option = path[0] === 'weightDecay' ? 'weight-decay' : String(path[0]);
  throw badInput('bad-option', `--${option}: ${message}`, 'See --help.');
}

const Defaults = LaneSettings.pick({ steps: true, lr: true, preset: true, weightDecay: true });

/** In the form of the run's own, after the same system message. */
function otherPrompt(prompt: Prompt, text: string): Prompt {
  if (prompt.kind === 'raw') return { kind: 'raw', text };
  const system = prompt.messages.filter(({ role }) => role === 'system');
  return { kind: 'chat', messages: [...system, { role: 'user', content: text }] };
}
