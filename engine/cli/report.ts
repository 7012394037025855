/** A run as a report for a terminal: progress while it works, then what moved and what was answered. */
import {
  cut,
  describeOrigin,
  describeTemplate,
  isSlot,
  type LaneSettings,
  type RunEvent,
  readableText,
  type SlotStep,
  type TemplateSettings,
  type TokenShift,
  visibleToken,
} from '../protocol';
import { SampleTally } from './sample-report';
import {
  contributionLines,
  explainedLine,
  learningLine,
  progressOf,
  pullLines,
  signed,
  stopLine,
  tableEnd,
  tableHead,
  tableRow,
  temperatureLine,
} from './slot-lines';
import { TerminalReport } from './terminal-report';

type Event<T extends RunEvent['type']> = Extract<RunEvent, { type: T }>;

const BAR = 24;
const SHOWN_TOKENS = 10;

export class Report extends TerminalReport {
  private readonly answers = new Map<string, Event<'lane.done'>>();
  private readonly written = new Map<string, number>();
  private lanes: readonly LaneSettings[] = [];
  /** Of lanes that take their steps together: told lane by lane. */
  private held: SlotStep[] = [];
  private readonly scopes = new Map<string, Event<'slot.scope'>>();
  /** Of lanes with their own, and of the run under the empty name. */
  private readonly prompts = new Map<string, readonly string[]>();
  private first: SlotStep | undefined;
  private last: SlotStep | undefined;
  private longest = 0;
  private readonly samples = new SampleTally();
  private drawn = 1;

  show(event: RunEvent): void {
    this.clear();
    switch (event.type) {
      case 'run.started':
        this.started(event);
        break;
      case 'notice':
        this.line(this.style('yellow', `note: ${readableText(event.message)}`));
        break;
      case 'lane.draft':
        this.status(`writing on the server: ${readableText(event.lane)}, ${event.text.length} characters`);
        break;
      case 'lane.prompt':
        this.prompts.set(event.lane, event.tokens);
        break;
      case 'prompt.progress':
      case 'slot.progress':
      case 'slot.source':
        this.status(progressOf(event));
        break;
      case 'slot.scope':
        this.scopes.set(event.lane, event);
        break;
      case 'slot.explained':
        this.explained(event);
        break;
      case 'slot.step':
        this.holdOrTell(event);
        break;
      case 'slot.done':
        this.slotDone(event);
        break;
      case 'lane.temperature':
        this.line(`\n${this.style('bold', readableText(event.lane))}  ${temperatureLine(event)}`);
        break;
      case 'token':
        this.token(event);
        break;
      case 'sample.token':
      case 'sample.done':
        this.status(`drawing samples: ${this.samples.add(event)} of ${this.lanes.length * this.drawn}`);
        break;
      case 'lane.done':
        this.answers.set(event.lane, event);
        break;
      case 'lane.failed':
        this.laneFailed(event);
        break;
      case 'run.done':
      case 'run.cancelled':
        this.end(event);
        break;
      case 'prompt.prefilled':
      case 'run.failed':
        break;
      default:
        event satisfies never;
    }
  }

  private token(event: Event<'token'>): void {
    this.samples.add(event);
    this.written.set(event.lane, event.index + 1);
    const counts = [...this.written].map(([lane, n]) => `${lane} ${n}`);
    this.status(`writing: ${counts.join(', ')} of ${this.longest}`);
  }

  private started({ config, model, prompt }: Event<'run.started'>): void {
    this.longest = config.generation.maxNewTokens;
    this.lanes = config.lanes;
    this.drawn = config.samples ?? 1;
    this.prompts.set('', prompt.tokens);
    const facts = `${model.dtype}, ${model.projection}, ${prompt.ids.length} prompt tokens`;
    this.line(`${this.style('bold', readableText(model.id))}  ${facts}`);
    this.template(config.template);
  }

  private laneFailed(event: Event<'lane.failed'>): void {
    this.tellHeld(event.lane);
    this.line(this.style('red', `${readableText(event.lane)} stopped: ${event.message}. ${event.hint}`));
  }

  private template(settings: TemplateSettings): void {
    const described = describeTemplate(settings);
    if (described !== '') this.line(this.style('dim', `template: ${readableText(described)}`));
  }

  private holdOrTell(event: SlotStep): void {
    if (this.lanes.filter(isSlot).length > 1) this.held.push(event);
    else this.step(event);
  }

  private tellHeld(lane: string): void {
    for (const event of this.held) if (event.lane === lane) this.step(event);
    this.held = this.held.filter((event) => event.lane !== lane);
  }

  private step(event: SlotStep): void {
    this.last = event;
    if (event.step === 0) this.first = event;
    const settings = this.lanes.find(({ name }) => name === event.lane);
    if (!settings || this.controlOf(event.lane)) return;
    if (event.step === 0) {
      this.line(`\n${this.style('bold', readableText(event.lane))}`);
      const learning = learningLine(settings, this.scopes.get(event.lane));
      if (learning !== '') this.line(this.style('dim', learning));
      this.line(this.style('dim', tableHead(event)));
    }
    this.line(tableRow(event));
  }

  /** Undefined for SLOT itself, which is told step by step. */
  private controlOf(lane: string): LaneSettings | undefined {
    return this.lanes.find(({ name, origin }) => name === lane && origin.kind !== 'own');
  }

  private controlDone(event: Event<'slot.done'>, { origin }: LaneSettings): void {
    const name = this.style('bold', readableText(event.lane));
    const losses = `loss ${event.initialLoss.toFixed(4)} → ${event.finalLoss.toFixed(4)}`;
    this.line(`\n${name}  ${describeOrigin(origin)}: ${losses}, delta norm ${event.deltaNorm.toFixed(4)}`);
    if (this.last) this.groupMeans(this.last);
  }

  private slotDone(event: Event<'slot.done'>): void {
    this.tellHeld(event.lane);
    const control = this.controlOf(event.lane);
    if (control) {
      this.controlDone(event, control);
      return;
    }
    if (event.steps === 0) this.line(`\n${this.style('bold', readableText(event.lane))}`);
    this.line(tableEnd(event));
    const stop = stopLine(event);
    if (stop !== undefined) this.line(this.style('yellow', stop));
    if (!this.last || event.steps === 0) return;
    for (const shown of new Set([this.first ?? this.last, this.last]))
      for (const line of pullLines(shown)) this.line(this.style('dim', line));
    const { boosted, suppressed, step } = this.last;
    const shown = [...boosted.slice(0, SHOWN_TOKENS), ...suppressed.slice(0, SHOWN_TOKENS)];
    const scale = Math.max(...shown.map(({ shift }) => Math.abs(shift)), Number.MIN_VALUE);
    this.line(
      `\n${this.style('bold', 'logit shift')} after step ${step + 1}, raw, with the probability mass moved`,
    );
    for (const token of boosted.slice(0, SHOWN_TOKENS)) this.line(this.bar(token, scale));
    this.line(this.style('dim', `  ${'⋯'.padStart(14)}`));
    for (const token of suppressed.slice(0, SHOWN_TOKENS).toReversed()) this.line(this.bar(token, scale));
    this.line('');
    this.groupMeans(this.last);
  }

  private explained(event: Event<'slot.explained'>): void {
    const tokens = this.prompts.get(event.lane) ?? this.prompts.get('') ?? [];
    this.line(`\n${this.style('bold', readableText(event.lane))}  ${explainedLine(event)}`);
    for (const line of contributionLines(event, tokens)) this.line(this.style('dim', line));
  }

  private groupMeans({ groups }: SlotStep): void {
    const means = groups.map(({ name, meanShift }) => `${readableText(name)} ${signed(meanShift, 2)}`);
    this.line(`${this.style('bold', 'group means')}  ${means.join('   ')}`);
  }

  private bar({ token, shift, massMoved }: TokenShift, scale: number): string {
    const length = Math.round((Math.abs(shift) / scale) * BAR);
    const bar = '█'.repeat(length);
    const drawn = shift < 0 ? this.style('blue', bar.padStart(BAR)) : ' '.repeat(BAR);
    const right = shift < 0 ? ' '.repeat(BAR) : this.style('yellow', bar.padEnd(BAR));
    const name = cut(visibleToken(token), 16).padStart(16);
    return `${name} ${signed(shift, 2).padStart(7)} ${drawn}│${right} ${signed(100 * massMoved, 3)} %`;
  }

  private end(event: Event<'run.done'> | Event<'run.cancelled'>): void {
    for (const { name } of this.lanes) {
      this.tellHeld(name);
      const answer = this.answers.get(name);
      if (!answer) continue;
      const { lane, text, reason, tokens, ms } = answer;
      const rate = ms > 0 ? `, ${((1000 * tokens) / ms).toFixed(1)} tokens/s` : '';
      this.line(
        `\n${this.style('bold', readableText(lane))}  ${this.style('dim', `${tokens} tokens, ${reason}${rate}`)}`,
      );
      this.line(readableText(text));
      if (this.drawn > 1) this.sampled(name);
    }
    if (event.type === 'run.cancelled') this.line(this.style('yellow', '\ncancelled'));
    else {
      const times = Object.entries(event.ms).map(([name, ms]) => `${name} ${ms.toFixed(0)} ms`);
      this.line(this.style('dim', `\n${times.join('   ')}`));
      this.line(this.style('dim', 'A lower prompt loss is no proof of a better answer.'));
    }
  }

  private sampled(lane: string): void {
    this.line();
    for (const rows of [this.samples.answers(lane), this.samples.firstTokens(lane)])
      if (rows.length > 0)
        this.table(rows, (column) => column === 0 || column === rows[0]!.indexOf('final answer'));
    for (const line of this.samples.branches(lane)) this.line(this.style('dim', readableText(line)));
  }
}
