/** Controls that are added to the lanes of the command line, and the other prompts that some of them learn from. */
import { describe, expect, it } from 'vitest';
import { resolveLane, withControls } from '../../engine/cli/lanes';
import { type Prompt, RunConfig } from '../../engine/protocol';
import { parse, problemOf } from './notation';

describe('controls', () => {
  it('are added to the one SLOT lane by their kinds, and fill a run', () => {
    const lanes = withControls(parse('baseline,slot:3x0.2/vllm'));
    expect(lanes.map(({ name }) => name)).toEqual([
      'baseline',
      'slot:3x0.2/vllm',
      'random 1',
      'random 2',
      'random 3',
      'minus',
      'template',
      'temperature',
    ]);
    for (const lane of lanes.slice(2)) expect(lane).toMatchObject({ steps: 3, lr: 0.2, preset: 'vllm' });
    expect(lanes.slice(2, 5).map(({ origin }) => origin)).toEqual(
      [1, 2, 3].map((seed) => ({ kind: 'random', seed })),
    );
    const prompt: Prompt = { kind: 'raw', text: 'x' };
    const settled = lanes.map((lane) => resolveLane(lane, [], ''));
    expect(RunConfig.safeParse({ prompt, lanes: settled }).success).toBe(true);
    const more = RunConfig.safeParse({ prompt, lanes: [...settled, { ...settled[0], name: 'more' }] });
    expect(more.error?.issues[0]?.message).toBe('at most 8 lanes in one run');
  });

  it('say whose they are where SLOT comes twice, and baseline and controls have none of their own', () => {
    const lanes = withControls(parse('baseline,a=slot,b=slot:1x1,minus,c=slot:0x0.1'));
    // That of a is the lane minus.
    expect(lanes).toHaveLength(5 + 12 - 1);
    expect(lanes[5]).toMatchObject({ name: 'random 1 of a', steps: 5, lr: 0.1 });
    expect(lanes[15]).toMatchObject({
      name: 'temperature of b',
      steps: 1,
      lr: 1,
      origin: { kind: 'temperature' },
    });
  });

  it('that are there already are not added again', () => {
    expect(withControls(parse('slot,minus'))).toHaveLength(7);
    const named = withControls(parse('baseline,slot,against=minus,drawn=random:5x0.1@2'));
    expect(named.map(({ name }) => name)).toEqual([
      'baseline',
      'slot',
      'against',
      'drawn',
      'random 1',
      'random 3',
      'template',
      'temperature',
    ]);
    expect(withControls(parse('slot,minus:3x0.1'))).toHaveLength(8);
  });
});

describe('other prompts', () => {
  const others: Prompt[] = ['a', 'b'].map((text) => ({ kind: 'raw', text }));

  it('are the first for "other" and all for "mean"', () => {
    const [other, mean, own] = parse('other,mean,slot').map((lane) => resolveLane(lane, others, ''));
    expect(other!.origin).toEqual({ kind: 'prompts', prompts: [others[0]] });
    expect(mean!.origin).toEqual({ kind: 'prompts', prompts: others });
    expect(own!.origin).toEqual({ kind: 'own' });
  });

  it('are asked for where there are none', () => {
    const [lane] = parse('mean');
    expect(problemOf(() => resolveLane(lane!, [], 'Give one with --other-prompt.'))).toBe(
      '--lanes: mean: there is no other prompt to learn its delta from | Give one with --other-prompt.',
    );
  });
});
