/** The notation of lanes: what it means, and what is said of what it does not. */
import { describe, expect, it } from 'vitest';
import { parseLanes } from '../../engine/cli/lanes';
import {
  type GivenDelta,
  type GivenOrigin,
  LaneSettings,
  NamedSources,
  readSource,
  writeLearning,
} from '../../engine/protocol';
import { DEFAULTS, parse, problemOf } from './notation';

describe('lanes', () => {
  it('are kinds with steps and learning rate, preset, weight decay and seed', () => {
    const lanes = parse('baseline, slot:3x0.01/vllm/wd0.5 ,r=random:5x1e-2@7,minus:2x0.1/wd1e-3/vllm');
    expect(lanes).toMatchObject([
      { name: 'baseline', steps: 0, origin: { kind: 'own' } },
      {
        name: 'slot:3x0.01/vllm/wd0.5',
        steps: 3,
        lr: 0.01,
        preset: 'vllm',
        weightDecay: 0.5,
        origin: { kind: 'own' },
      },
      { name: 'r', steps: 5, lr: 0.01, preset: 'transformers', origin: { kind: 'random', seed: 7 } },
      { steps: 2, weightDecay: 0.001, preset: 'vllm', origin: { kind: 'minus' } },
    ]);
    expect(lanes[2]).not.toHaveProperty('weightDecay');
  });

  it('say from which tokens they learn, how, and until when; and are written as they are read', () => {
    const written = [
      ['slot:5x0.1/last-user', { scope: { kind: 'last-user' } }],
      ['slot:5x0.1/from:7', { scope: { kind: 'from', first: 6 } }],
      [
        'slot:5x0.1/tokens:2-5+9x0.5',
        {
          scope: {
            kind: 'tokens',
            ranges: [
              { first: 1, last: 4, weight: 1 },
              { first: 8, last: 8, weight: 0.5 },
            ],
          },
        },
      ],
      ['slot:5x2/sgd/no-template/half3', { optimiser: 'sgd', half: { seed: 3, stopsEarly: false } }],
      ['slot:5x0.1/vllm/wd0.1/b0.5:0.9/eps0.001', { betas: [0.5, 0.9], eps: 0.001 }],
      ['slot:9x0.1/user/early0/kl0.25', { half: { seed: 0, stopsEarly: true }, klBudget: 0.25 }],
      ['scaled:5x0.1', { origin: { kind: 'scaled', factor: 0.5 } }],
      ['minus:5x0.1/no-system', { scope: { kind: 'no-system' }, origin: { kind: 'minus' } }],
    ] as const;
    for (const [text, expected] of written) {
      const [lane] = parse(text);
      expect(lane).toMatchObject(expected);
      const kind = text.slice(0, text.indexOf(':'));
      expect(`${kind}:${lane!.steps}x${lane!.lr}${writeLearning(lane!)}`).toBe(text);
    }
  });

  it('add given deltas that have names', () => {
    const a = { source: { kind: 'run', runId: 'r-1', lane: 'slot', step: 3 } } as const;
    const b = { source: { kind: 'file', file: 'x.safetensors', tensor: 'delta' } } as const;
    const deltas = new Map<string, GivenDelta>([
      ['a', a],
      ['b', b],
    ]);
    const lanes = parseLanes(
      'given@a,m=given@mean:a+b,d=given@centred:2*a-0.5*b,n=given@centred:mean:-a+b+a',
      { ...DEFAULTS, scope: { kind: 'user' } },
      deltas,
    );
    expect(lanes.map(({ origin }) => origin)).toEqual([
      { kind: 'given', centred: false, terms: [{ ...a, factor: 1 }] },
      {
        kind: 'given',
        centred: false,
        terms: [
          { ...a, factor: 0.5 },
          { ...b, factor: 0.5 },
        ],
      },
      {
        kind: 'given',
        centred: true,
        terms: [
          { ...a, factor: 2 },
          { ...b, factor: -0.5 },
        ],
      },
      {
        kind: 'given',
        centred: true,
        terms: [-1, 1, 1].map((sign, i) => ({ ...(i === 1 ? b : a), factor: sign / 3 })),
      },
    ]);
    // What is not learned takes nothing from the settings of others.
    expect(lanes[0]).toEqual({ ...LaneSettings.parse(lanes[0]), name: 'given@a', steps: 1 });
    const sources = new NamedSources();
    const written = lanes.flatMap(({ origin }) =>
      origin.kind === 'given' ? [sources.notationOf(origin as GivenOrigin)] : [],
    );
    expect(written.slice(0, 3)).toEqual(['d1', '0.5*d1+0.5*d2', 'centred:2*d1-0.5*d2']);
    expect(sources.options).toEqual(['d1=r-1/slot@3', 'd2=x.safetensors#delta']);
    expect(sources.options.map(readSource)).toEqual([
      { name: 'd1', source: { kind: 'run', runId: 'r-1', lane: 'slot', step: 3 } },
      { name: 'd2', source: { kind: 'file', path: 'x.safetensors', tensor: 'delta' } },
    ]);
  });

  it.each([
    ['given', 'say which delta'],
    ['given:5x0.1@a', 'takes no settings'],
    ['given/user@a', 'takes no settings'],
    ['given@c', 'no delta is named "c"'],
    ['given@', 'it is none of given@a'],
    ['given@a*2', '"a*2" is not FACTOR*NAME'],
    ['given@a++a', 'it is none of'],
    ['given@1e3*a', '"1e3*a" is not FACTOR*NAME'],
    ['given@200*a', 'factor'],
    ['given@worst:a', '"worst:" is neither mean: nor centred:'],
    ['centred@a', 'only random takes a seed, scaled a factor, and given its deltas after @'],
  ])('refuse %s in a line', (text, why) => {
    const deltas = new Map<string, GivenDelta>([
      ['a', { source: { kind: 'run', runId: 'r', lane: 'slot' } }],
    ]);
    expect(problemOf(() => parseLanes(text, DEFAULTS, deltas))).toContain(why);
  });

  it('scale the own delta by a factor', () => {
    const [half, back] = parse('scaled,back=scaled:3x0.2/user@-1.5');
    expect(half).toMatchObject({ steps: 5, origin: { kind: 'scaled', factor: 0.5 } });
    expect(back).toMatchObject({
      steps: 3,
      scope: { kind: 'user' },
      origin: { kind: 'scaled', factor: -1.5 },
    });
  });

  it('take what they do not say from the defaults', () => {
    const lanes = parseLanes('slot,random,template/vllm,temperature,other,mean', {
      ...DEFAULTS,
      weightDecay: 0.2,
      lr: 3,
    });
    for (const lane of lanes) expect(lane).toMatchObject({ steps: 5, lr: 3, weightDecay: 0.2 });
    expect(lanes.map(({ origin }) => origin)).toEqual([
      { kind: 'own' },
      { kind: 'random', seed: 1 },
      { kind: 'template' },
      { kind: 'temperature' },
      { kind: 'other' },
      { kind: 'mean' },
    ]);
    expect(lanes[2]!.preset).toBe('vllm');
  });

  it.each([
    ['', 'an empty lane: "" is no kind'],
    ['baseline,', 'an empty lane: "" is no kind'],
    ['slots:5x0.1', 'slots:5x0.1: "slots" is no kind of lane | Kinds: baseline, slot'],
    ['slot:5', 'slot:5: it is not [name=]kind:STEPSxLR'],
    ['slot:5x', 'slot:5x: lr: '],
    ['slot:x0.1', 'slot:x0.1: steps: '],
    ['slot:1.5x0.1', 'slot:1.5x0.1: steps: '],
    ['slot:5x-1', 'slot:5x-1: lr: '],
    ['slot:1001x0.1', 'slot:1001x0.1: steps: '],
    ['slot:5x0.1/adam', '"adam" is none of /vllm, /sgd, /wdX'],
    ['slot:5x0.1/wd', 'weightDecay: '],
    ['slot/b0.9', 'slot/b0.9: '],
    ['slot/b0.9:1', 'slot/b0.9:1: '],
    ['slot/eps0', 'eps: '],
    ['slot/kl-1', 'klBudget: '],
    ['slot/half1.5', 'seed: '],
    ['slot/users', '"users" is none of'],
    ['slot/from:0', 'from:N takes the number of a token, from 1 on'],
    ['slot/tokens:', '"" names no tokens: write them as 2-5,9, counted from 1'],
    ['slot/tokens:0-3', '"0-3" names no tokens'],
    ['slot/tokens:5-2', '"5-2": a range begins after its end'],
    ['slot/tokens:2x-1', 'the weight of "2x-1" must be a number from 0 to 1000000'],
    ['slot/tokens:2xInfinity', 'the weight of "2xInfinity" must be a number'],
    ['slot:5x0.1/wd101', 'weightDecay: '],
    ['random:5x0.1@', 'random:5x0.1@: seed: '],
    ['random:5x0.1@-1', 'seed: '],
    ['slot:5x0.1@7', 'only random takes a seed, scaled a factor, and given its deltas after @'],
    ['scaled:5x0.1@x', 'factor: '],
    ['scaled:5x0.1@-11', 'factor: '],
    ['baseline:5x0.1', 'the baseline takes no settings'],
    ['slot,slot', '--lanes: slot: two lanes have this name | Name one of them'],
    ['a=slot,a=minus', '--lanes: a: two lanes have this name'],
  ])('say in one line what is wrong with %j', (text, expected) => {
    const problem = problemOf(() => parse(text));
    expect(problem).toContain(expected);
    expect(problem).not.toContain('\n');
  });
});
