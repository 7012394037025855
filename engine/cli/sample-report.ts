/** Samples as tables of a report: their answers, how often each comes, and where they part. */
import {
  cut,
  groupAnswers,
  oneLine,
  type RunEvent,
  type SampleDone,
  type SampledToken,
  type SampleNode,
  sampleTree,
  visibleToken,
} from '../protocol';
import { wilson } from '../statistics';

/** What the samples of a run's lanes have written, as its events go by. */
export class SampleTally {
  private readonly tokens = new Map<string, Map<number, SampledToken[]>>();
  private readonly ended = new Map<string, SampleDone[]>();
  private count = 0;

  /** @returns how many samples have ended */
  add(event: Extract<RunEvent, { type: 'token' | 'sample.token' | 'sample.done' }>): number {
    const { lane } = event;
    if (event.type === 'sample.done') {
      this.ended.set(lane, [...(this.ended.get(lane) ?? []), event]);
      return ++this.count;
    }
    const sample = event.type === 'token' ? 0 : event.sample;
    const ofLane = this.tokens.get(lane) ?? new Map<number, SampledToken[]>();
    this.tokens.set(lane, ofLane);
    const written = ofLane.get(sample) ?? [];
    ofLane.set(sample, written);
    written.push(event.type === 'token' ? { ...event, token: event.token ?? event.text } : event);
    return this.count;
  }

  /** Those that were cancelled come to no answer. */
  answers(lane: string): string[][] {
    const ended = (this.ended.get(lane) ?? []).filter(({ reason }) => reason !== 'cancelled');
    const rows = groupAnswers(ended).map(({ text, samples }) => {
      const { lower, upper } = wilson(samples.length, ended.length);
      return [
        `${samples.length} of ${ended.length}`,
        percent(samples.length / ended.length),
        `${percent(lower)} to ${percent(upper)}`,
        oneLine(text, SHOWN_ANSWER),
      ];
    });
    return rows.length === 0 ? [] : [['samples', 'share', '95 % interval', 'final answer'], ...rows];
  }

  firstTokens(lane: string): string[][] {
    const { samples, next } = this.tree(lane);
    const rows = next.slice(0, SHOWN_TOKENS).map(({ tokens, samples: those }) => {
      const { token, drawnLogprob, logprob, baseLogprob } = tokens[0]!;
      return [
        visibleToken(token, 16),
        percent(those.length / samples.length),
        drawnLogprob === undefined ? '' : percent(Math.exp(drawnLogprob)),
        percent(Math.exp(logprob)),
        percent(Math.exp(baseLogprob)),
      ];
    });
    return rows.length === 0
      ? []
      : [['first token', 'share', 'of a draw', 'probability', 'no delta'], ...rows];
  }

  /** Only where more than one sample goes on: what one alone writes is its answer. */
  branches(lane: string): string[] {
    const lines: string[] = [];
    const add = ({ tokens, samples, next }: SampleNode, depth: number) => {
      const text = tokens.map(({ token }) => visibleToken(token)).join('');
      const shown = cut(text, SHOWN_TEXT);
      const rest = shown === text ? '' : ` … (${tokens.length} tokens)`;
      if (tokens.length > 0) lines.push(`${'  '.repeat(depth)}${samples.length}× ${shown}${rest}`);
      const going = next.filter((each) => each.samples.length > 1);
      for (const each of going) add(each, tokens.length > 0 ? depth + 1 : depth);
      const alone = next.length - going.length;
      if (alone > 0 && samples.length > 1 && tokens.length > 0)
        lines.push(`${'  '.repeat(depth + 1)}${alone} alone, each its own way`);
    };
    add(this.tree(lane), 0);
    const left = lines.length - SHOWN_BRANCHES;
    return left > 0 ? [...lines.slice(0, SHOWN_BRANCHES), `${left} more lines: --json has all`] : lines;
  }

  private tree(lane: string): SampleNode {
    return sampleTree(this.tokens.get(lane) ?? new Map());
  }
}

const SHOWN_ANSWER = 60;
const SHOWN_TOKENS = 10;
const SHOWN_TEXT = 60;
const SHOWN_BRANCHES = 24;

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
