/** A run's events: valid, in order, one end; a cancel ends it soon in every phase; a second run waits its turn. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { endsRun, type RunConfigInput, RunEvent } from '../../engine/protocol';
import { writeDecoder } from '../../fixtures/decoder';
import { one, only, temporaryFolder } from '../../fixtures/runs';
import { runEvents, testEngine } from '../../fixtures/test-engine';

type Type = RunEvent['type'];

const folder = temporaryFolder();
const { folder: model } = writeDecoder(join(folder, 'model'), { layers: 1 });
const engine = testEngine();

const LANES = [
  { name: 'baseline', steps: 0 },
  { name: 'slot', steps: 4 },
  { name: 'other', steps: 2, preset: 'vllm' },
] as const;

let prompts = 0;

/** Four chunks of a prompt that no earlier test has read. */
function config(change: Partial<RunConfigInput> = {}): RunConfigInput {
  return {
    model: { folder: model },
    prompt: { kind: 'raw', text: `${++prompts}${' apples'.repeat(450)}` },
    lanes: [...LANES],
    generation: { maxNewTokens: 6, ignoreEos: true },
    listLength: 3,
    ...change,
  };
}

function expectValid(events: readonly RunEvent[]): void {
  for (const event of events) {
    // What a reader of the JSON lines gets, with nothing that the contract does not name.
    const json: unknown = JSON.parse(JSON.stringify(event));
    expect(RunEvent.parse(json)).toEqual(json);
  }
  expect(events.filter(endsRun)).toHaveLength(1);
  expect(endsRun(events.at(-1)!)).toBe(true);
}

describe('a whole run', () => {
  it('has each token’s own text, also of bytes that are no character yet', async () => {
    // One token per byte: the letter A, and an emoji of four.
    const forcedPrefix = [0x41, 0xf0, 0x9f, 0x98, 0x80].map((byte) => 3 + byte);
    const lanes = [{ name: 'bytes', steps: 0, forcedPrefix }];
    const events = await runEvents(engine, config({ lanes, listLength: 1 }));
    expectValid(events);
    const forced = only(events, 'token').slice(0, forcedPrefix.length);
    expect(forced.map(({ text, token }) => [text, token])).toEqual([
      ['A', undefined],
      ['', '<0xF0>'],
      ['', '<0x9F>'],
      ['', '<0x98>'],
      ['😀', '<0x80>'],
    ]);
  });

  it('names its groups apart, and says which of them is empty', async () => {
    const groups = [
      { name: 'digits', words: [], pattern: '^ APPLES$', flags: 'i' },
      { name: 'nobody', words: ['unheard-of'] },
    ];
    const events = await runEvents(engine, config({ groups }));
    expectValid(events);
    const started = one(events, 'run.started').groups?.map(({ name }) => name);
    expect(started).toEqual(['reasoning', 'digits', 'modal verbs', 'end tokens', 'digits (own)', 'nobody']);
    expect(only(events, 'notice').map(({ code, message }) => [code, message])).toEqual([
      ['empty-group', expect.stringContaining('"nobody"')],
    ]);
    expect(only(events, 'slot.step')[0]?.groups.map(({ name }) => name)).not.toContain('nobody');
  });

  it('names twenty thousand members of a group at most', async () => {
    const { folder: large } = writeDecoder(join(folder, 'large'), { layers: 1, d: 8, vocab: 20_001 });
    const groups = [{ name: 'all', words: [], pattern: '^' }];
    const events = await runEvents(engine, config({ model: { folder: large }, groups }));
    expect(one(events, 'run.started').groups?.at(-1)?.ids).toEqual([...Array(20_000).keys()]);
  });

  it('is valid, and in the order of its work', async () => {
    const events = await runEvents(engine, config());
    expectValid(events);
    const order = events.map(({ type }) => type);
    expect(
      order.filter((type, i) => type !== order[i - 1] && type !== 'token' && type !== 'lane.done'),
    ).toEqual([
      'run.started',
      'prompt.progress',
      'prompt.prefilled',
      'slot.progress',
      'slot.step',
      'slot.done',
      'slot.step',
      'slot.done',
      'run.done',
    ]);
    expect(only(events, 'prompt.progress').map(({ tokens }) => tokens)).toEqual([128, 256, 384, 451]);
    expect(only(events, 'slot.progress').map(({ positions }) => positions)).toEqual([
      64, 128, 192, 256, 320, 384, 448, 450,
    ]);
    expect(one(events, 'prompt.prefilled')).toMatchObject({ tokens: 451, reused: 0 });
    for (const { name, steps } of LANES) {
      const own = events.filter((event) => 'lane' in event && event.lane === name);
      expect(own.map(({ type }) => type)).toEqual([
        ...new Array<Type>(steps).fill('slot.step'),
        ...(steps > 0 ? ['slot.done'] : []),
        ...new Array<Type>(6).fill('token'),
        'lane.done',
      ]);
      const ids = only(own, 'token').map(({ id }) => id);
      expect(one(own, 'lane.done')).toMatchObject({ ids, reason: 'length', tokens: 6 });
      expect(only(own, 'slot.step').map(({ step }) => step)).toEqual([...Array(steps).keys()]);
    }
  });

  it('hands its losses from step to step, and position losses average to them', async () => {
    const events = await runEvents(engine, config());
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    for (const { name } of LANES.slice(1)) {
      const steps = only(events, 'slot.step').filter(({ lane }) => lane === name);
      const done = one(events, 'slot.done', name);
      expect(done.steps).toBe(steps.length);
      expect(done.initialLoss).toBe(steps[0]!.loss);
      expect(done.deltaNorm).toBe(steps.at(-1)!.deltaNorm);
      expect(done.positionLoss.before).toHaveLength(450);
      expect(mean(done.positionLoss.before)).toBeCloseTo(done.initialLoss, 9);
      expect(mean(done.positionLoss.after)).toBeCloseTo(done.finalLoss, 9);
      for (const [i, step] of steps.entries()) {
        expect(mean(step.positionLoss!)).toBeCloseTo(steps[i + 1]?.loss ?? done.finalLoss, 9);
      }
    }
    expect(one(events, 'slot.done', 'slot').initialLoss).toBe(one(events, 'slot.done', 'other').initialLoss);
  });

  it('is the same a second time, times and id aside', async () => {
    const same = config({ generation: { maxNewTokens: 6, temperature: 1, seed: 9 } });
    const still = (event: RunEvent) => {
      const { ms: _, runId: __, at: ___, ...rest } = { ms: 0, runId: '', at: '', ...event };
      return rest;
    };
    const first = (await runEvents(engine, same)).map(still);
    const second = (await runEvents(engine, same)).map(still);
    const answers = (events: object[]) =>
      events.filter((event) => 'type' in event && event.type === 'lane.done');
    expect(answers(second)).toEqual(answers(first));
    expect(second.at(-1)).toEqual(first.at(-1));
  });
});

describe('a cancel', () => {
  const phases: [Type, Type | undefined][] = [
    ['run.started', undefined],
    ['prompt.progress', undefined],
    ['prompt.prefilled', undefined],
    ['slot.step', undefined],
    ['slot.done', undefined],
    ['token', 'lane.done'],
    ['lane.done', 'lane.done'],
  ];

  it.each(phases)('at %s', async (phase, farewell) => {
    let asked = 0;
    const events = await runEvents(engine, config(), (event, runId) => {
      if (event.type === phase && ++asked === 1) engine.cancel(runId);
    });
    expectValid(events);
    const after = events.slice(events.findIndex(({ type }) => type === phase) + 1);
    expect(after.at(-1)).toEqual({ type: 'run.cancelled' });
    // One event that was already under way, and the farewell of each lane that was writing.
    expect(after.length).toBeLessThanOrEqual(2 + (farewell ? LANES.length : 0));
    if (phase === 'token') {
      const done = only(events, 'lane.done');
      expect(done.map(({ lane, reason }) => [lane, reason])).toEqual(
        LANES.map(({ name }) => [name, 'cancelled']),
      );
      expect(done[0]!.ids).toEqual(
        only(events, 'token').flatMap(({ lane, id }) => (lane === 'baseline' ? [id] : [])),
      );
    }
  });

  it('from a timer reaches a run of a thousand steps', async () => {
    const long = config({ lanes: [{ name: 'slot', steps: 1000 }] });
    const events = await runEvents(engine, long, (event, runId) => {
      if (event.type === 'slot.step' && event.step === 0) setTimeout(() => engine.cancel(runId), 20);
    });
    expect(events.at(-1)).toEqual({ type: 'run.cancelled' });
    expect(only(events, 'slot.step').length).toBeLessThan(900);
  });

  it('of a run that waits leaves one event, and of an unknown run nothing', async () => {
    engine.cancel('nobody');
    let waiting: Promise<RunEvent[]> | undefined;
    let id = '';
    const first = await runEvents(engine, config(), (event) => {
      if (event.type !== 'run.started') return;
      waiting = runEvents(engine, config(), (_, runId) => {
        id = runId;
      });
      // Ids count up: the waiting run's is the next one.
      engine.cancel(`run-${Number(event.runId.slice(4)) + 1}`);
    });
    expect(first.at(-1)).toMatchObject({ type: 'run.done' });
    expect(await waiting).toEqual([{ type: 'run.cancelled' }]);
    expect(id).not.toBe('');
  });
});

describe('a second run', () => {
  it('begins when the first is over, and one that fails holds nobody up', async () => {
    const log: string[] = [];
    const start = (name: string, change: Partial<RunConfigInput>) =>
      runEvents(engine, config(change), ({ type }) => {
        if (type.startsWith('run.')) log.push(`${name} ${type}`);
      });
    await Promise.all([
      start('a', {}),
      start('b', { prompt: { kind: 'raw', text: '' } }),
      start('c', { model: { folder: join(folder, 'nowhere') } }),
      start('d', {}),
    ]);
    expect(log).toEqual([
      'a run.started',
      'a run.done',
      'b run.failed',
      'c run.failed',
      'd run.started',
      'd run.done',
    ]);
  });
});

describe('stopping a lane', () => {
  it('ends its answer; the others write on', async () => {
    const events = await runEvents(engine, config(), (event, runId) => {
      if (event.type === 'token' && event.lane === 'slot' && event.index === 2)
        engine.stopLane(runId, 'slot');
    });
    expectValid(events);
    expect(one(events, 'lane.done', 'slot')).toMatchObject({ reason: 'cancelled', tokens: 3 });
    for (const lane of ['baseline', 'other']) {
      expect(one(events, 'lane.done', lane)).toMatchObject({ reason: 'length', tokens: 6 });
    }
    expect(events.at(-1)).toMatchObject({ type: 'run.done' });
  });
});
