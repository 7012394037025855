/** A sweep over one prompt for a terminal: what each setting did to the prompt's loss and to the answer. */
import type { WriteStream } from 'node:tty';
import { cut, type LaneSettings, oneLine, type RunEvent } from '../protocol';
import { TerminalReport } from './terminal-report';

type Event<T extends RunEvent['type']> = Extract<RunEvent, { type: T }>;

/** What is known of a setting. */
interface Cell {
  slot?: Event<'slot.done'>;
  answer?: Event<'lane.done'>;
  failure?: string;
}

const COLUMNS = [
  'setting',
  'prompt loss',
  'delta norm',
  'answer differs',
  'tokens',
  'end',
  'answer',
] as const;
const TEXTS: readonly (typeof COLUMNS)[number][] = ['setting', 'answer'];
/** Characters of an answer. */
const FIRST_WORDS = 48;
const UNKNOWN = '·';

export class SweepReport extends TerminalReport {
  private readonly cells = new Map<string, Cell>();
  private lanes: readonly LaneSettings[] = [];
  private readonly noticed = new Set<string>();

  /** @param settings names of the lanes, in the table's order; the first is the baseline */
  constructor(
    out: WriteStream,
    progress: WriteStream,
    private readonly settings: readonly string[],
  ) {
    super(out, progress);
  }

  show(event: RunEvent): void {
    this.clear();
    switch (event.type) {
      case 'run.started':
        this.lanes = event.config.lanes;
        return;
      case 'notice':
        // Each run of the sweep has the same to say of the model.
        if (!this.noticed.has(event.message)) this.note(event.message);
        this.noticed.add(event.message);
        return;
      case 'prompt.progress':
        this.status(`reading the prompt: ${event.tokens} of ${event.total} tokens`);
        return;
      case 'slot.progress':
        this.status(`computing the prompt's logits: ${event.positions} of ${event.total} positions`);
        return;
      case 'slot.step':
        this.status(`${event.lane}: step ${event.step + 1}`);
        return;
      case 'token':
        this.status(`writing ${this.lanes.length} answers: token ${event.index + 1}`);
        return;
      case 'slot.done':
        this.cell(event.lane).slot = event;
        return;
      case 'lane.done':
        // Every run of the sweep has the baseline's answer.
        this.cell(event.lane).answer ??= event;
        return;
      case 'lane.failed':
        this.cell(event.lane).failure = event.message;
    }
  }

  /** Also of what an interrupt or a failure has left; nothing where that is nothing. */
  summary(): void {
    this.clear();
    if (this.cells.size === 0) return;
    this.table([COLUMNS, ...this.settings.map((name) => this.row(name))], (column) =>
      TEXTS.includes(COLUMNS[column]!),
    );
    this.line('A lower prompt loss is no proof of a better answer, and one prompt none of a better setting:');
    this.line('sweep --data asks many and corrects for the choice.');
  }

  private row(name: string): string[] {
    const { slot, answer, failure } = this.cell(name);
    const [baseline] = this.settings;
    const isBaseline = name === baseline;
    if (failure !== undefined) return [name, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, 'failed', failure];
    const before = [...this.cells.values()].find((cell) => cell.slot)?.slot?.initialLoss;
    const loss = slot
      ? `${slot.initialLoss.toFixed(4)} → ${slot.finalLoss.toFixed(4)}`
      : isBaseline && before !== undefined
        ? before.toFixed(4)
        : UNKNOWN;
    const norm = slot ? slot.deltaNorm.toFixed(4) : UNKNOWN;
    if (!answer) return [name, loss, norm, UNKNOWN, UNKNOWN, UNKNOWN, ''];
    const differs = isBaseline ? UNKNOWN : difference(this.cell(baseline!).answer, answer);
    const text = oneLine(answer.text, Number.POSITIVE_INFINITY);
    const words = cut(text, FIRST_WORDS);
    return [
      name,
      loss,
      norm,
      differs,
      String(answer.tokens),
      answer.reason,
      words === text ? text : `${words}…`,
    ];
  }

  private cell(name: string): Cell {
    const known = this.cells.get(name) ?? {};
    this.cells.set(name, known);
    return known;
  }
}

/** From which token on, counted from 1; unknown where an answer was cut off before they part. */
function difference(baseline: Event<'lane.done'> | undefined, answer: Event<'lane.done'>): string {
  if (!baseline) return UNKNOWN;
  const [a, b] = [baseline.ids, answer.ids];
  const shorter = Math.min(a.length, b.length);
  const found = a.findIndex((id, i) => i < shorter && id !== b[i]);
  const isCutOff = baseline.reason === 'cancelled' || answer.reason === 'cancelled';
  if (found < 0 && isCutOff) return UNKNOWN;
  if (found < 0 && a.length === b.length) return 'same';
  return `at token ${(found < 0 ? shorter : found) + 1}`;
}
