/** What the list shows of a run, worked out as its events go by. */
import type { RunEvent, RunLabels, RunSummary } from '../protocol';
import { GAP, INTERRUPTED } from './run-file';

const PROMPT_LENGTH = 300;

export class Summary {
  private started: Extract<RunEvent, { type: 'run.started' }> | undefined;
  private last: RunEvent | undefined;
  private tokens = 0;
  private readonly failedLanes = new Set<string>();
  private readonly gaps: string[] = [];

  add(event: RunEvent): void {
    if (event.type === 'run.started') this.started = event;
    if (event.type === 'token') this.tokens++;
    if (event.type === 'lane.failed') this.failedLanes.add(event.lane);
    if (event.type === 'notice' && event.code === GAP) this.gaps.push(event.message);
    this.last = event;
  }

  /** @throws Error before the run has started */
  get value(): Omit<RunSummary, keyof RunLabels> {
    const { started, last, tokens, gaps } = this;
    if (!started || !last) throw new Error('no run has started');
    const { runId, at, model, config } = started;
    const { prompt } = config;
    const text =
      prompt.kind === 'raw'
        ? prompt.text
        : (prompt.messages.findLast(({ role }) => role === 'user')?.content ?? '');
    return {
      runId,
      at,
      model: model.id,
      prompt: text.slice(0, PROMPT_LENGTH),
      lanes: config.lanes.map(({ name, preset, steps, lr, origin }) => ({
        name,
        preset,
        steps,
        lr,
        origin: origin.kind,
      })),
      outcome: outcomeOf(
        last,
        config.lanes.every(({ name }) => this.failedLanes.has(name)),
      ),
      tokens,
      damage: gaps.length === 0 ? null : gaps.join('; '),
    };
  }
}

function outcomeOf(last: RunEvent, everyLaneFailed: boolean): RunSummary['outcome'] {
  switch (last.type) {
    case 'run.done':
      return everyLaneFailed ? 'failed' : 'done';
    case 'run.cancelled':
      return 'cancelled';
    case 'run.failed':
      return last.code === INTERRUPTED ? 'interrupted' : 'failed';
    default:
      return 'interrupted';
  }
}
