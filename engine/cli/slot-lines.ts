/** SLOT's steps as lines of a report: what is learned from, a table of losses, what pulls. */
import {
  cut,
  describeLearning,
  type LaneSettings,
  type RunEvent,
  readableText,
  type SlotStep,
  type TokenPull,
  visibleToken,
} from '../protocol';

type Event<T extends RunEvent['type']> = Extract<RunEvent, { type: T }>;

const NAMED_PULLS = 6;

/** What differs from the reference, and how many tokens that leaves; empty where nothing does. */
export function learningLine(settings: LaneSettings, scope: Event<'slot.scope'> | undefined): string {
  const parts = describeLearning(settings);
  if (scope) {
    const counted = (weights: readonly number[]) => weights.filter((weight) => weight > 0).length;
    const heldOut = scope.heldOut ? `, ${counted(scope.heldOut)} held out` : '';
    parts.push(`${counted(scope.weights)} of ${scope.weights.length} tokens learned from${heldOut}`);
  }
  return parts.join('; ');
}

/** Those of the first step, with its values; a lane has the same in all of its own. */
export function tableHead(step: SlotStep): string {
  const heldOut = step.heldOutLoss === undefined ? '' : '  held out';
  const kl = step.kl === undefined ? '' : '        KL';
  return `step      loss${heldOut}   gradient norm   delta norm${kl}        ms`;
}

/** Events count steps from 0, texts from 1. */
export function tableRow(step: SlotStep): string {
  const columns = [
    String(step.step + 1).padStart(4),
    step.loss.toFixed(4).padStart(10),
    step.heldOutLoss?.toFixed(4).padStart(10) ?? '',
    (step.gradNorm ?? Number.NaN).toPrecision(4).padStart(16),
    step.deltaNorm.toFixed(4).padStart(13),
    step.kl?.toFixed(4).padStart(10) ?? '',
    step.ms.toFixed(1).padStart(10),
  ];
  return columns.join('');
}

export function tableEnd({ finalLoss, heldOutLoss }: Event<'slot.done'>): string {
  const heldOut = heldOutLoss ? heldOutLoss.final.toFixed(4).padStart(10) : '';
  return `   →${finalLoss.toFixed(4).padStart(10)}${heldOut}   loss after the last step`;
}

/** Why there are fewer steps than the settings say. */
export function stopLine({ steps, stopped }: Event<'slot.done'>): string | undefined {
  if (!stopped) return undefined;
  const what = stopped.by === 'kl' ? 'the mean KL' : 'the held-out loss';
  const how = stopped.by === 'kl' ? 'past its budget, to' : 'up, to';
  return `ended after ${steps} steps: the next would bring ${what} ${how} ${stopped.value.toFixed(4)}`;
}

/** The tokens whose logits the loss wants higher, and lower; undefined in runs from before they were told. */
export function pullLines({ pulls, step }: SlotStep): string[] {
  if (!pulls) return [];
  const named = (list: readonly TokenPull[]) =>
    list
      .slice(0, NAMED_PULLS)
      .map(
        ({ token, residual }) => `${readableText(cut(visibleToken(token), 16))} ${residual.toPrecision(2)}`,
      )
      .join('  ');
  return [
    `pulls up at step ${step + 1}    ${named(pulls.up)}`,
    `pulls down at step ${step + 1}  ${named(pulls.down)}`,
  ];
}

const NAMED_CONTRIBUTIONS = 6;

/** What is explained, and by how much its parts miss it. */
export function explainedLine({ token, shift, contributions }: Event<'slot.explained'>): string {
  const sum = contributions.reduce((total, part) => total + part, 0);
  const name = readableText(cut(visibleToken(token), 16));
  return `shift of ${name}: ${shift.toFixed(3)}, by prompt token (their sum ${sum.toFixed(3)})`;
}

/** The prompt tokens that moved it most, with their places from 1 on. */
export function contributionLines(
  { contributions, without = [] }: Event<'slot.explained'>,
  tokens: readonly string[],
): string[] {
  const order = [...contributions.keys()].sort((a, b) => contributions[b]! - contributions[a]!);
  const named = (list: readonly number[]) =>
    list
      .map((i) => {
        const name = readableText(cut(visibleToken(tokens[i + 1] ?? ''), 16));
        const measured = without.find(({ target }) => target === i);
        const left = measured ? ` [${measured.shift.toFixed(3)} without]` : '';
        return `${name} (${i + 2}) ${contributions[i]!.toFixed(3)}${left}`;
      })
      .join('  ');
  const raise = order.slice(0, NAMED_CONTRIBUTIONS).filter((i) => contributions[i]! > 0);
  const lower = order
    .slice(-NAMED_CONTRIBUTIONS)
    .filter((i) => contributions[i]! < 0)
    .toReversed();
  return [`raise it  ${named(raise)}`, `lower it  ${named(lower)}`];
}

/** What a lane draws at that is matched to SLOT's entropy. */
export function temperatureLine(event: Event<'lane.temperature'>): string {
  const { temperature, entropy, baseEntropy, isReached } = event;
  const outcome = isReached
    ? `the baseline has SLOT's mean entropy of ${entropy.toFixed(3)} nats`
    : `the baseline has a mean entropy of ${baseEntropy.toFixed(3)} nats, and SLOT's ${entropy.toFixed(3)} at none`;
  return `at temperature ${temperature.toPrecision(4)} ${outcome}`;
}

/** For the line that is written over. */
export function progressOf(event: Event<'prompt.progress' | 'slot.progress' | 'slot.source'>): string {
  if (event.type === 'prompt.progress') return `reading the prompt: ${event.tokens} of ${event.total} tokens`;
  if (event.type === 'slot.progress')
    return `computing the prompt's logits: ${event.positions} of ${event.total} positions`;
  const { source, sources, step, steps } = event;
  return `learning from other prompts: ${source + 1} of ${sources}, step ${step + 1} of ${steps}`;
}

export function signed(value: number, digits: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(digits)}`;
}
