/** The options of `run` that make its lanes. */
import type { Command } from 'commander';
import { z } from 'zod';
import {
  badInput,
  isSlot,
  LaneSettings,
  LEARNING_FIELDS,
  MAX_LANES,
  OPTIMISERS,
  PRESETS,
  type Prompt,
  readScope,
  SCOPE_NOTATION,
} from '../protocol';
import { DELTA_HELP, type NamedDeltas } from './given-deltas';
import { LANES_HELP, type LaneDefaults, parseLanes, resolveLane, withControls } from './lanes';
import { number } from './option-values';
import { collect } from './prompt-options';

export interface LaneOptions {
  readonly lanes: string;
  readonly delta?: readonly string[];
  readonly withControls?: boolean;
  readonly otherPrompt?: readonly string[];
  readonly preset: string;
  readonly steps: string;
  readonly lr: string;
  readonly weightDecay?: string;
  readonly scope?: string;
  readonly optimiser?: string;
  readonly betas?: string;
  readonly eps?: string;
  /** True where no seed is given. */
  readonly holdOut?: string | true;
  readonly earlyStop?: boolean;
  readonly klBudget?: string;
}

/** Of all lanes that do not say themselves. */
export function addLaneOptions(command: Command): Command {
  return command
    .option('--lanes <lanes>', LANES_HELP, 'baseline,slot')
    .option('--delta <name=source>', DELTA_HELP, collect)
    .option('--with-controls', "add SLOT's controls: random deltas of its norm, minus, template, temperature")
    .option(
      '--other-prompt <text>',
      'for the lanes other (the first) and mean (all); may be repeated',
      collect,
    )
    .option('--preset <preset>', `reference settings of AdamW: ${PRESETS.join(' or ')}`, 'transformers')
    .option('--steps <n>', 'optimisation steps T', '5')
    .option('--lr <x>', 'learning rate', '0.1')
    .option('--weight-decay <x>', "AdamW's, in place of the preset's")
    .option('--scope <scope>', `tokens of the prompt to learn from: ${SCOPE_NOTATION} (default: whole)`)
    .option('--optimiser <name>', `${OPTIMISERS.join(', or ')} as a control (default: adamw)`)
    .option('--betas <x,y>', "AdamW's, in place of the preset's")
    .option('--eps <x>', "AdamW's, in place of the preset's")
    .option('--hold-out [seed]', 'learn from a random half of those tokens, and tell the loss on both halves')
    .option('--early-stop', 'with --hold-out: end before the step that raises the loss on the other half')
    .option('--kl-budget <nats>', 'end before the step after which the mean KL from the model passes it');
}

/** @throws EngineError `bad-option` where they do not make the lanes of one run */
export function readLanes(
  options: LaneOptions,
  prompt: Prompt,
  deltas: NamedDeltas = new Map(),
): LaneSettings[] {
  const written = parseLanes(options.lanes, readDefaults(options), deltas);
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

function readDefaults(options: LaneOptions): LaneDefaults {
  const { steps, lr, preset, weightDecay, scope, optimiser, betas, eps, holdOut, klBudget } = options;
  if (options.earlyStop && holdOut === undefined)
    throw badInput('bad-option', '--early-stop goes with --hold-out', 'See --help.');
  const half = { seed: holdOut === true ? 0 : number(holdOut ?? ''), stopsEarly: options.earlyStop ?? false };
  const given = {
    weightDecay: weightDecay === undefined ? undefined : number(weightDecay),
    scope: scope === undefined ? undefined : scopeOf(scope),
    optimiser,
    betas: betas?.split(',').map(number),
    eps: eps === undefined ? undefined : number(eps),
    half: holdOut === undefined ? undefined : half,
    klBudget: klBudget === undefined ? undefined : number(klBudget),
  };
  const written = Object.entries(given).filter(([, value]) => value !== undefined);
  const parsed = Defaults.safeParse({
    steps: number(steps),
    lr: number(lr),
    preset,
    ...Object.fromEntries(written),
  });
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  const field = path[0] === 'half' ? 'holdOut' : String(path[0]);
  const option = field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw badInput('bad-option', `--${option}: ${message}`, 'See --help.');
}

const Defaults = z.object({ ...LEARNING_FIELDS, steps: LaneSettings.shape.steps });

function scopeOf(text: string) {
  const scope = readScope(text);
  if ('problem' in scope) throw badInput('bad-option', `--scope: ${scope.problem}`, 'See --help.');
  return scope;
}

/** In the form of the run's own, after the same system message. */
function otherPrompt(prompt: Prompt, text: string): Prompt {
  if (prompt.kind === 'raw') return { kind: 'raw', text };
  const system = prompt.messages.filter(({ role }) => role === 'system');
  return { kind: 'chat', messages: [...system, { role: 'user', content: text }] };
}
