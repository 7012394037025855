/** The options of `run` that make its lanes, together. */
import { describe, expect, it } from 'vitest';
import { type LaneOptions, readLanes } from '../../engine/cli/lane-options';
import { EngineError, type Prompt } from '../../engine/protocol';

const OPTIONS: LaneOptions = { lanes: 'baseline,slot', preset: 'vllm', steps: '3', lr: '0.2' };
const system = { role: 'system', content: 'Be brief.' } as const;
const PROMPT: Prompt = { kind: 'chat', messages: [system, { role: 'user', content: 'Hi' }] };

function lanesOf(options: Partial<LaneOptions>, prompt = PROMPT) {
  return readLanes({ ...OPTIONS, ...options }, prompt);
}

describe('the options of lanes', () => {
  it('are the baseline and SLOT where nothing is said, with the settings of --steps, --lr, --preset and --weight-decay', () => {
    expect(lanesOf({ weightDecay: '0.5' })).toMatchObject([
      { name: 'baseline', steps: 0 },
      { name: 'slot', steps: 3, lr: 0.2, preset: 'vllm', weightDecay: 0.5, origin: { kind: 'own' } },
    ]);
    expect(lanesOf({})[1]).not.toHaveProperty('weightDecay');
  });

  it('say for all lanes from which tokens they learn, how, and until when', () => {
    const [, slot, own] = lanesOf({
      lanes: 'baseline,slot,slot/user',
      scope: 'tokens:2-5,9',
      optimiser: 'adamw',
      betas: '0.5,0.9',
      eps: '1e-3',
      holdOut: true,
      earlyStop: true,
      klBudget: '0.5',
    });
    expect(slot).toMatchObject({
      optimiser: 'adamw',
      betas: [0.5, 0.9],
      eps: 1e-3,
      half: { seed: 0, stopsEarly: true },
      klBudget: 0.5,
    });
    expect(slot!.scope).toMatchObject({
      kind: 'tokens',
      ranges: [
        { first: 1, last: 4 },
        { first: 8, last: 8 },
      ],
    });
    expect(own!.scope).toEqual({ kind: 'user' });
    expect(lanesOf({ holdOut: '7' })[1]!.half).toEqual({ seed: 7, stopsEarly: false });
    const kept = ['scope', 'optimiser', 'betas', 'eps', 'half', 'klBudget'];
    for (const field of kept) expect(lanesOf({})[1]).not.toHaveProperty(field);
  });

  it('give other prompts the form of the run’s own', () => {
    const [other] = lanesOf({ lanes: 'other', otherPrompt: ['Bye'] });
    const chat = { kind: 'chat', messages: [system, { role: 'user', content: 'Bye' }] };
    expect(other!.origin).toEqual({ kind: 'prompts', prompts: [chat] });
    const [mean] = lanesOf({ lanes: 'mean', otherPrompt: ['a', 'b'] }, { kind: 'raw', text: 'Hi' });
    const raw = ['a', 'b'].map((text) => ({ kind: 'raw', text }));
    expect(mean!.origin).toEqual({ kind: 'prompts', prompts: raw });
  });

  it('fill a run with the controls of SLOT', () => {
    const lanes = lanesOf({ withControls: true });
    expect(lanes).toHaveLength(8);
    for (const lane of lanes.slice(1)) expect(lane).toMatchObject({ steps: 3, lr: 0.2, preset: 'vllm' });
  });

  it.each<[Partial<LaneOptions>, string]>([
    [{ steps: 'x' }, '--steps: '],
    [{ lr: '-1' }, '--lr: '],
    [{ weightDecay: '' }, '--weight-decay: '],
    [{ preset: 'adam' }, '--preset: '],
    [{ scope: 'answer' }, '--scope: "answer" is no scope: whole, user, last-user'],
    [{ scope: 'tokens:2,' }, '--scope: "" names no tokens'],
    [{ optimiser: 'adam' }, '--optimiser: '],
    [{ betas: '0.9' }, '--betas: '],
    [{ eps: '0' }, '--eps: '],
    [{ holdOut: 'x' }, '--hold-out: '],
    [{ earlyStop: true }, '--early-stop goes with --hold-out'],
    [{ klBudget: '0' }, '--kl-budget: '],
    [{ lanes: 'baseline,minus', withControls: true }, '--with-controls: no lane is SLOT'],
    [{ lanes: 'slot:0x1', withControls: true }, '--with-controls: no lane is SLOT'],
    [
      { lanes: 'baseline,a=slot,b=slot:1x1', withControls: true },
      '--lanes: 15 lanes, but one run has at most 8',
    ],
    [{ lanes: 'slot,mean' }, '--lanes: mean: there is no other prompt'],
    [{ otherPrompt: ['Bye'] }, '--other-prompt goes with a lane of the kind other or mean'],
  ])('refuse %j in one line', (options, expected) => {
    try {
      lanesOf(options);
    } catch (error) {
      expect(error).toBeInstanceOf(EngineError);
      expect(error).toMatchObject({
        kind: 'input',
        code: 'bad-option',
        message: expect.stringContaining(expected),
      });
      return;
    }
    throw new Error('nothing was refused');
  });
});
